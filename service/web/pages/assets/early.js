// Runs before the first paint, so that nothing moves after it: the theme that was chosen, and the filters of the address.
{
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme) root.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing goes by the system.
  }
  const query = new URLSearchParams(location.search);
  for (const name of ["state", "category"]) root.dataset[name] = query.get(name) ?? "";
}
