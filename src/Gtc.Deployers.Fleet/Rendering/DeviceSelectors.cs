using System.Collections.Immutable;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>From claims to selectors and back. A selector is that of the answers and one requirement on the label of the deployment.</summary>
internal static class DeviceSelectors
{
    /// <summary>Reads a selector as people write it for <c>kubectl -l</c>: requirements with commas between, all of which must hold.</summary>
    public static Outcome<LabelSelector> Read(string text)
    {
        var labels = new List<string>();
        var expressions = ImmutableArray.CreateBuilder<SelectorRequirement>();
        foreach (var part in Parts(text))
        {
            var unequal = part.IndexOf("!=", StringComparison.Ordinal);
            if (unequal < 0 && part.Contains('=', StringComparison.Ordinal))
            {
                labels.Add(part.Replace("==", "=", StringComparison.Ordinal));
                continue;
            }

            var read = SelectorText.ParseExpression(unequal > 0 ? $"{part[..unequal]} notin ({part[(unequal + 2)..]})" : part);
            if (!read.TryGet(out var requirement, out var error))
            {
                return Refused(error);
            }

            expressions.Add(requirement);
        }

        return SelectorText.ParseLabels(labels).TryGet(out var map, out var wrong)
            ? new LabelSelector { MatchLabels = map, MatchExpressions = expressions.ToImmutable() }
            : Refused(wrong);
    }

    /// <summary>The selector of a claim.</summary>
    /// <param name="devices">The devices of the environment.</param>
    /// <param name="label">The label of the deployment.</param>
    /// <param name="revision">Whose claim it is.</param>
    /// <param name="claim">The claim.</param>
    public static LabelSelector Of(LabelSelector devices, string label, RevisionId revision, DeviceClaim claim)
    {
        IEnumerable<SelectorRequirement> requirements = claim switch
        {
            DeviceClaim.Labelled => [Requirement(label, SelectorOperator.In, [revision])],
            DeviceClaim.Rest { Others.IsEmpty: true } => [],
            DeviceClaim.Rest rest => [Requirement(label, SelectorOperator.NotIn, rest.Others)],

            // What is there and is not there at once: no device, whatever it is labelled.
            _ => [Requirement(label, SelectorOperator.Exists, []), Requirement(label, SelectorOperator.DoesNotExist, [])],
        };
        return devices with { MatchExpressions = [.. devices.MatchExpressions, .. requirements] };
    }

    /// <summary>The claim that a selector makes; a strange one when it is none that <see cref="Of"/> writes.</summary>
    public static DeviceClaim Claim(LabelSelector selector, string label, RevisionId revision)
    {
        var own = selector.MatchExpressions.Where(requirement => requirement.Key == label).ToList();
        var isPlain = !selector.MatchLabels.ContainsKey(label);
        return own switch
        {
            [] when isPlain => DeviceClaim.AllBut([]),
            [{ Operator: nameof(SelectorOperator.In), Values: [var value] }] when isPlain && value == revision.ToString() => DeviceClaim.Own,
            [{ Operator: nameof(SelectorOperator.NotIn) } others] when isPlain && others.Values.All(value => RevisionId.TryParse(value, out _)) => DeviceClaim.AllBut(others.Values.Select(value => RevisionId.TryParse(value, out var id) ? id : default)),
            _ when own.Exists(requirement => requirement.Operator == nameof(SelectorOperator.Exists)) && own.Exists(requirement => requirement.Operator == nameof(SelectorOperator.DoesNotExist)) => DeviceClaim.None,
            _ => new DeviceClaim.Strange(),
        };
    }

    private static SelectorRequirement Requirement(string label, SelectorOperator operation, ImmutableArray<RevisionId> revisions) =>
        new() { Key = label, Operator = operation.ToString(), Values = [.. revisions.Select(id => id.ToString())] };

    private static Refusal.Conflict Refused(ContractError error) => new($"`device_selector`: {error.Message}")
    {
        Details = [new("expected", "requirements as for kubectl -l, e.g. site=berlin,tier in (edge,store),!retired")],
    };

    /// <summary>Splits at commas outside of parentheses.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        var start = 0;
        var depth = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at == text.Length || (text[at] == ',' && depth == 0))
            {
                if (text[start..at].Trim() is { Length: > 0 } part)
                {
                    yield return part;
                }

                start = at + 1;
            }
            else
            {
                depth += text[at] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }
}
