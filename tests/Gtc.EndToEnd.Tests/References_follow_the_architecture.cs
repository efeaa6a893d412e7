using System.Xml.Linq;

namespace Gtc.EndToEnd.Tests;

/// <summary>The arrows between projects; an arrow that is not listed does not exist.</summary>
public sealed class References_follow_the_architecture
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Gtc.Model"] = [],
        ["Gtc.Signing"] = [],
        ["Gtc.Artifacts"] = ["Gtc.Model", "Gtc.Signing"],
        ["Gtc.Store"] = ["Gtc.Model", "Gtc.Signing"],
        ["Gtc.EnvPacks"] = ["Gtc.Model"],
        ["Gtc.Routing"] = ["Gtc.Model", "Gtc.Proxy", "Gtc.Redis"],
        ["Gtc.Redis"] = [],
        ["Gtc.Proxy"] = [],
        ["Gtc.Proxy.Http2"] = ["Gtc.Proxy"],
        ["Gtc.Kubernetes"] = [],
        ["Gtc.Conformance"] = ["Gtc.Model", "Gtc.EnvPacks"],
        ["Gtc.Deployers.LocalProcess"] = ["Gtc.Model", "Gtc.EnvPacks", "Gtc.Store"],
        ["Gtc.Deployers.Clusters"] = ["Gtc.Model", "Gtc.Kubernetes"],
        ["Gtc.Deployers.Kubernetes"] = ["Gtc.Model", "Gtc.EnvPacks", "Gtc.Artifacts", "Gtc.Kubernetes", "Gtc.Deployers.Clusters"],
        ["Gtc.Deployers.Fleet"] = ["Gtc.Model", "Gtc.Deployers.Clusters", "Gtc.EnvPacks", "Gtc.Artifacts", "Gtc.Kubernetes", "Gtc.Fleet.Contracts", "Gtc.Routing"],
        ["Gtc.Flows"] = ["Gtc.Model", "Gtc.Artifacts", "Gtc.Wasm", "Gtc.Redis"],
        ["Gtc.Runtime"] = ["Gtc.Artifacts", "Gtc.Proxy", "Gtc.Proxy.Http2", "Gtc.Routing", "Gtc.Flows", "Gtc.Store", "Gtc.Model"],
        ["Gtc.Telemetry"] = ["Gtc.Model"],
        ["Gtc.Wasm"] = [],
        ["Gtc.Nats"] = ["Gtc.Signing"],
        ["Gtc.Podman"] = [],
        ["Gtc.Fleet.Contracts"] = [],
        ["Gtc.Fleet.Operator"] = ["Gtc.Fleet.Contracts", "Gtc.Kubernetes", "Gtc.Nats"],
        ["Gtc.Fleet.Agent"] = ["Gtc.Fleet.Contracts", "Gtc.Nats", "Gtc.Podman"],
        ["Gtc.Cli"] = ["Gtc.Model", "Gtc.Signing", "Gtc.Artifacts", "Gtc.Store", "Gtc.EnvPacks", "Gtc.Conformance", "Gtc.Deployers.LocalProcess", "Gtc.Deployers.Clusters", "Gtc.Deployers.Kubernetes", "Gtc.Deployers.Fleet", "Gtc.Kubernetes", "Gtc.Proxy", "Gtc.Proxy.Http2", "Gtc.Routing", "Gtc.Flows", "Gtc.Runtime", "Gtc.Telemetry", "Gtc.Nats", "Gtc.Podman", "Gtc.Fleet.Contracts", "Gtc.Fleet.Operator", "Gtc.Fleet.Agent", "Gtc.Wasm"],
    };

    [Fact]
    public void Every_project_references_only_what_the_table_allows()
    {
        var found = Projects().SelectMany(project => References(project.Value, "ProjectReference")
            .Select(reference => (From: project.Key, To: Path.GetFileNameWithoutExtension(reference)))).ToList();
        found.Count.ShouldBeGreaterThan(10);
        found.Where(arrow => !Allowed.GetValueOrDefault(arrow.From, []).Contains(arrow.To)).ShouldBeEmpty();
    }

    [Fact]
    public void The_compiled_assemblies_agree()
    {
        var folder = Path.GetDirectoryName(typeof(References_follow_the_architecture).Assembly.Location)!;
        foreach (var (name, allowed) in Allowed)
        {
            var file = Path.Combine(folder, (name == "Gtc.Cli" ? "gtc" : name) + ".dll");
            var references = System.Reflection.Assembly.LoadFrom(file).GetReferencedAssemblies()
                .Select(reference => reference.Name!)
                .Where(reference => reference.StartsWith("Gtc.", StringComparison.Ordinal));
            references.ShouldBeSubsetOf(allowed, $"{name} has an arrow that the architecture does not allow");
        }
    }

    [Fact]
    public void Every_project_stands_in_the_table() =>
        Projects().Keys.ShouldBe(Allowed.Keys, ignoreOrder: true);

    [Fact]
    public void No_project_states_a_package_version() =>
        Projects().Values.SelectMany(file => XDocument.Load(file).Descendants("PackageReference"))
            .Where(package => package.Attribute("Version") is not null || package.Element("Version") is not null)
            .ShouldBeEmpty();

    private static Dictionary<string, string> Projects() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);

    private static IEnumerable<string> References(string file, string kind) =>
        XDocument.Load(file).Descendants(kind).Select(element => element.Attribute("Include")!.Value.Replace('\\', '/'));
}
