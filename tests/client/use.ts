import { ProblemError, RegistryClient } from "./client.js";

const client = new RegistryClient({ base: "https://registry.example.com" });
const end: () => void = client.subscribe(({ registry, features, error }) => {
  const label: string | undefined = registry?.modules[0]?.label.fr;
  const count: number | undefined = features?.counts.get("linkedin");
  console.log(label, count, error?.problem?.detail);
});
const buckets = new RegistryClient({ path: "/api/modules-registry", parse: (text) => text.length });
const size: number | null = buckets.state.registry;
client.vote("linkedin").catch((error: ProblemError) => console.log(error.status, end, size));
