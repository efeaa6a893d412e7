using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Cbor;

namespace Gtc.Artifacts.Packs;

/// <summary>Reads flow bodies in both spellings: nodes as a list with symbol indices, or as an object with literal ids.</summary>
internal static class FlowReader
{
    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}"u8);

    public static PackFlow Entry(DocumentValue entry, SymbolTables symbols) => Body(entry.Required("flow"), symbols) with
    {
        Id = entry.Text("id"),
        Kind = entry.Text("kind"),
        Tags = entry.Texts("tags"),
        EntryNames = entry.Texts("entrypoints"),
    };

    public static PackFlow Body(DocumentValue flow, SymbolTables symbols)
    {
        var metadata = flow.Optional("metadata");
        return new PackFlow
        {
            Id = flow.Text("id"),
            Kind = flow.Text("kind"),
            Tags = metadata?.Texts("tags") ?? [],
            Title = metadata?.OptionalText("title"),
            Description = metadata?.OptionalText("description"),
            Extra = metadata?.Optional("extra")?.Element,
            Entrypoints = Entrypoints(flow.Optional("entrypoints")),
            Nodes = Nodes(flow.Required("nodes"), symbols),
        };
    }

    private static ImmutableSortedDictionary<string, string> Entrypoints(DocumentValue? entrypoints)
    {
        var named = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, node) in entrypoints?.Members() ?? [])
        {
            // Only text names a node; the engine passes over anything else (flows-and-components.md §2.1).
            if (node.IsText)
            {
                named[name] = node.Text();
            }
        }

        return named.ToImmutable();
    }

    private static ImmutableArray<FlowNode> Nodes(DocumentValue nodes, SymbolTables symbols)
    {
        var read = nodes.IsObject
            ? [.. nodes.Members().Select(member => Node(member.Value, member.Key, symbols))]
            : nodes.List(node => Node(node, symbols.NodeId(node.Required("id")), symbols));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in read)
        {
            if (!seen.Add(node.Id))
            {
                throw new MalformedDocumentException($"{nodes.Path} holds node {DocumentValue.Shown(node.Id)} twice");
            }
        }

        return read;
    }

    private static FlowNode Node(DocumentValue node, string id, SymbolTables symbols)
    {
        var component = node.Required("component");
        return new FlowNode
        {
            Id = id,
            ComponentId = symbols.ComponentId(component.IsObject ? component.Required("id") : component),
            PackAlias = component.IsObject ? component.OptionalText("pack_alias") : null,
            Operation = component.IsObject ? component.OptionalText("operation") : null,
            Input = Mapping(node.Optional("input")) ?? EmptyObject,
            Output = Mapping(node.Optional("output")),
            ErrorMapping = Mapping(node.Optional("err_map")),
            Variables = node.Optional("vars_out")?.Element,
            Telemetry = node.Optional("telemetry")?.Element,
            Routing = Routing(node.Optional("routing"), symbols),
        };
    }

    // A mapping may be null on purpose, so presence decides, not the value.
    private static JsonElement? Mapping(DocumentValue? holder) =>
        holder is { IsObject: true } value && value.Element.TryGetProperty("mapping", out var mapping) ? mapping : null;

    private static FlowRouting Routing(DocumentValue? routing, SymbolTables symbols)
    {
        if (routing is not { } value)
        {
            return new FlowRouting.Finish();
        }

        if (value.IsText)
        {
            return value.Text() switch
            {
                "End" or "end" => new FlowRouting.Finish(),
                "Reply" or "reply" => new FlowRouting.Reply(),
                _ => throw value.Wrong("End, Reply, Next, Branch or Custom"),
            };
        }

        if (value.IsObject && value.Element.GetPropertyCount() == 1)
        {
            var (tag, content) = value.Members().First();
            switch (tag)
            {
                case "Next" or "next":
                    return new FlowRouting.Always(symbols.NodeId(content.Required("node_id")));
                case "Branch" or "branch":
                    return Branch(content, symbols);
                case "Custom" or "custom":
                    return new FlowRouting.Custom(content.Element);
                case "End" or "end":
                    return new FlowRouting.Finish();
                case "Reply" or "reply":
                    return new FlowRouting.Reply();
            }
        }

        throw value.Wrong("End, Reply, Next, Branch or Custom");
    }

    private static FlowRouting.Branch Branch(DocumentValue branch, SymbolTables symbols)
    {
        var statuses = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (status, node) in branch.Optional("on_status")?.Members() ?? [])
        {
            statuses[status] = symbols.NodeId(node);
        }

        return new(statuses.ToImmutable(), branch.Optional("default") is { } target ? symbols.NodeId(target) : null);
    }
}
