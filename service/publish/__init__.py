"""What is the same for everybody, as files that nginx serves: `publishing` asks the application for it, `configuration`
has what nginx is told of the answers, and `folder` where it is."""
