using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Looks at what the templates of a node name (flows-and-components.md §2.5, §2.6). The maps of a provider are left alone: they name what the provider answers.</summary>
internal sealed class TemplateCheck(FlowNode node, FlowGraph graph, Report report)
{
    private static readonly string[] ProviderMaps = ["in_map", "out_map", "err_map"];

    // What a node sets variables from is its output, whose names only the component knows.
    private bool _seesOutput;

    public void Run()
    {
        Value(node.Input);
        if (node.Variables is { } variables)
        {
            _seesOutput = true;
            Value(variables);
        }
    }

    private void Value(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject().Where(member => node.ComponentId != BuiltInComponents.ProviderInvoke || !ProviderMaps.Contains(member.Name)))
                {
                    Value(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Value(item);
                }

                break;
            case JsonValueKind.String:
                foreach (var expression in MappingRenderer.Expressions(value.GetString()!))
                {
                    Expression(expression);
                }

                break;
        }
    }

    private void Expression(string expression)
    {
        if (TemplatePath.Parse(expression) is not { } path)
        {
            report(FindingSeverity.Error, "template-not-a-path", $"the template expression `{{{{{expression.Trim()}}}}}` is not a path; blocks and helpers are not supported", "name one value, such as {{entry.text}}");
            return;
        }

        var named = path switch
        {
            ["node", var id, ..] => id,
            ["state", "nodes", var id, ..] => id,
            _ => null,
        };
        if (named is not null && !graph.Has(named))
        {
            report(FindingSeverity.Error, "template-unknown-node", $"the template `{{{{{expression.Trim()}}}}}` names node `{named}`, which the flow does not have: it is always empty", "name a node of the flow");
        }
        else if (named is not null && !graph.Precedes(named, node.Id))
        {
            report(FindingSeverity.Warning, "template-too-early", $"the template `{{{{{expression.Trim()}}}}}` names node `{named}`, and no way leads from there to here: it is always empty", "name a node that runs before this one");
        }
        else if (!_seesOutput && !FlowScope.IsKnown(path[0]))
        {
            report(FindingSeverity.Warning, "template-unknown-name", $"the template `{{{{{expression.Trim()}}}}}` begins with no known name: it is always empty", $"begin with one of {FlowScope.KnownNames}");
        }
    }
}
