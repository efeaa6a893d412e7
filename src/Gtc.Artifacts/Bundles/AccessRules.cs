using System.Collections.Immutable;
using System.Text;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary>What an access rule decides.</summary>
public enum AccessPolicy
{
    /// <summary>Nobody may use it.</summary>
    Forbidden,

    /// <summary>Everybody may use it.</summary>
    Public,
}

/// <summary>One line of a <c>.gmap</c> file.</summary>
/// <param name="Pack">The pack, or null for <c>_</c>.</param>
/// <param name="Flow">The flow, <c>_</c> for everything in the pack, or null.</param>
/// <param name="Node">The node, or null.</param>
/// <param name="Policy">What it decides.</param>
/// <param name="Line">The line in the file, from 1.</param>
public sealed record AccessRule(string? Pack, string? Flow, string? Node, AccessPolicy Policy, int Line)
{
    /// <summary>How specific the path is: 0 everything, 2 everything in a pack, 3 a pack, 4 a flow, 5 a node.</summary>
    public int Rank => this switch
    {
        { Pack: null } => 0,
        { Flow: "_" } => 2,
        { Flow: null } => 3,
        { Node: null } => 4,
        _ => 5,
    };

    internal bool Covers(string pack, string? flow, string? node) =>
        Pack is null || (Pack == pack && (Flow is null or "_" || (Flow == flow && (Node is null || Node == node))));
}

/// <summary>
/// The rules of a <c>.gmap</c> file (bundle-format.md §2.5). Recorded in bundles and shown to people; workers do not enforce them.
/// </summary>
/// <param name="Rules">The rules in the order of the file; empty when there is no file.</param>
public sealed record AccessRules(ImmutableArray<AccessRule> Rules)
{
    /// <summary>The largest accepted file in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxSegments = 3;

    /// <summary>No rules.</summary>
    public static AccessRules None { get; } = new([]);

    /// <summary>Parses a file. Blank lines and lines that start with <c>#</c> are ignored; the last line needs no line end.</summary>
    /// <param name="content">The file's bytes, UTF-8.</param>
    /// <param name="what">Its name, for the refusal.</param>
    public static Outcome<AccessRules> Parse(ReadOnlySpan<byte> content, string what)
    {
        if (content.Length > MaxBytes)
        {
            return new Refusal.MalformedArtifact($"{what} is larger than {MaxBytes} bytes");
        }

        var rules = ImmutableArray.CreateBuilder<AccessRule>();
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(content).AsSpan().EnumerateLines())
        {
            number++;
            var text = line.Trim();
            if (text.IsEmpty || text[0] == '#')
            {
                continue;
            }

            if (Rule(text, number) is not { } rule)
            {
                return new Refusal.MalformedArtifact($"{what} line {number} is not a rule")
                {
                    Details =
                    [
                        new("expected", "path = policy; path is _, pack, pack/_, pack/flow or pack/flow/node; policy is public or forbidden"),
                        new("found", text.Length <= 80 ? text.ToString() : string.Concat(text[..80], "…")),
                    ],
                };
            }

            rules.Add(rule);
        }

        return new AccessRules(rules.ToImmutable());
    }

    /// <summary>Decides for a pack, a flow of it or a node of that. The highest rank wins, then the later line; a team's rule beats any tenant's.</summary>
    /// <returns>The decision, or null when no rule covers it.</returns>
    public static AccessPolicy? Decide(AccessRules tenant, AccessRules? team, string pack, string? flow = null, string? node = null)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return team?.Decide(pack, flow, node) ?? tenant.Decide(pack, flow, node);
    }

    private AccessPolicy? Decide(string pack, string? flow, string? node)
    {
        AccessRule? best = null;
        foreach (var rule in Rules)
        {
            if (rule.Covers(pack, flow, node) && (best is null || rule.Rank >= best.Rank))
            {
                best = rule;
            }
        }

        return best?.Policy;
    }

    private static AccessRule? Rule(ReadOnlySpan<char> text, int line)
    {
        var equals = text.IndexOf('=');
        if (equals < 0)
        {
            return null;
        }

        AccessPolicy? policy = text[(equals + 1)..].Trim() switch
        {
            "public" => AccessPolicy.Public,
            "forbidden" => AccessPolicy.Forbidden,
            _ => null,
        };
        var segments = text[..equals].Trim().ToString().Split('/', MaxSegments + 1);
        if (policy is not { } decided || segments.Length > MaxSegments || !segments.All(IsSegment))
        {
            return null;
        }

        return segments switch
        {
            ["_"] => new(null, null, null, decided, line),
            [not "_"] => new(segments[0], null, null, decided, line),
            [not "_", _] => new(segments[0], segments[1], null, decided, line),
            [not "_", not "_", not "_"] => new(segments[0], segments[1], segments[2], decided, line),
            _ => null,
        };
    }

    private static bool IsSegment(string segment) => segment.Length > 0 && !segment.Any(character => char.IsWhiteSpace(character) || char.IsControl(character));
}
