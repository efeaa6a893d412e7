using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Gtc.Wasm.Components;

namespace Gtc.Flows;

/// <summary>Checks the components of a pack as they are before they run, and what they import against what the pack declares for them.</summary>
internal sealed class ComponentCheck(PackFile pack, PackComponents components, List<FlowFinding> findings)
{
    private static readonly ImmutableArray<(string Import, string What, Func<DeclaredCapabilities, bool> IsDeclared, string Advice)> Capabilities =
    [
        ("greentic:http/", "sends HTTP requests", declared => declared.SendsHttp, "capabilities.host.http.client: true"),
        ("wasi:http/", "sends HTTP requests", declared => declared.SendsHttp, "capabilities.host.http.client: true"),
        ("greentic:state/", "keeps state", declared => declared.ReadsState || declared.WritesState, "capabilities.host.state.read and .write: true"),
        ("greentic:secrets-store/", "reads secrets", declared => !declared.Secrets.IsEmpty, "the keys in capabilities.host.secrets.required"),
    ];

    private readonly HashSet<string> _looked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Checks what a node runs.</summary>
    public void Use(FlowNode node, string id, Report report)
    {
        _used.Add(id);
        if (pack.Manifest.Components.All(component => component.Id != id) && !pack.Contains($"components/{id}.wasm"))
        {
            report(FindingSeverity.Error, "missing-component", $"the component `{id}` is not in the pack", pack.Manifest.Components.IsEmpty
                ? "add its .wasm file below components/"
                : $"name one of its components: {string.Join(", ", pack.Manifest.Components.Select(component => component.Id))}");
            return;
        }

        Look(id);
        Operation(node, id, report);
    }

    /// <summary>Checks what no node runs.</summary>
    public void Finish(CancellationToken cancellationToken)
    {
        var providers = pack.Manifest.Providers.Select(provider => provider.ComponentId).ToHashSet(StringComparer.Ordinal);
        foreach (var id in pack.Manifest.Components.Select(component => component.Id).Where(id => !_used.Contains(id)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Look(id);
            if (!providers.Contains(id))
            {
                Add(FindingSeverity.Note, "unused-component", id, "no node of the pack runs it", "nothing, when another pack does; else take it out");
            }
        }
    }

    private void Operation(FlowNode node, string id, Report report)
    {
        string operation;
        try
        {
            operation = ComponentInput.Of(node, id, node.Input).Operation;
        }
        catch (FlowFault fault)
        {
            report(FindingSeverity.Error, "missing-operation", fault.Message, "name it beside the node as `operation`, or in its mapping");
            return;
        }

        var declared = pack.Manifest.Components.FirstOrDefault(component => component.Id == id)?.Operations ?? [];
        if (!declared.IsEmpty && !declared.Contains(operation) && !operation.Contains("{{", StringComparison.Ordinal))
        {
            report(FindingSeverity.Warning, "unknown-operation", $"the pack declares no operation `{operation}` of `{id}`", $"name one of {string.Join(", ", declared)}");
        }
    }

    private void Look(string id)
    {
        if (!_looked.Add(id))
        {
            return;
        }

        try
        {
            var component = components.Check(id);
            Compare(id, component);
            if (ComponentAbi.Of(component) is null && pack.Manifest.Providers.All(provider => provider.ComponentId != id))
            {
                Add(FindingSeverity.Error, "unknown-interface", id, $"it exports none of {ComponentAbi.Known}", "build it against greentic:component/node@0.6.0");
            }
        }
        catch (FlowFault fault)
        {
            Add(FindingSeverity.Error, "component-cannot-run", id, fault.Message, "see gtc component inspect --pack");
        }
    }

    private void Compare(string id, IComponent component)
    {
        var declares = DeclaredCapabilities.Of(pack.Manifest, id);
        foreach (var what in Capabilities.GroupBy(capability => capability.What))
        {
            var isImported = component.ImportItems.Any(import => !import.Functions.IsEmpty && what.Any(capability => import.Name.StartsWith(capability.Import, StringComparison.Ordinal)));
            var (_, _, isDeclared, advice) = what.First();
            if (isImported && !isDeclared(declares))
            {
                Add(FindingSeverity.Warning, "undeclared-capability", id, $"its code {what.Key} when it comes to it, and the pack does not declare that: it will be refused", $"declare {advice} in components/{id}.json");
            }
            else if (!isImported && isDeclared(declares))
            {
                Add(FindingSeverity.Warning, "unused-capability", id, $"the pack declares that it {what.Key}, and its code imports nothing for that", $"take {advice} out of components/{id}.json");
            }
        }
    }

    private void Add(FindingSeverity severity, string code, string id, string message, string advice) => findings.Add(new(severity, code, id, message, advice));
}
