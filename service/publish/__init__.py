"""What is the same for everybody, as files that nginx serves: `answers` has what the application says, `configuration`
what nginx is told of it, `folder` where it is, and `publishing` the order of it."""
