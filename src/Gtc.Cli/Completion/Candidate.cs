using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Completions;
using System.Security.Cryptography;
using Gtc.Store;

namespace Gtc.Cli.Completion;

/// <summary>What a word can become.</summary>
/// <param name="Word">The whole word.</param>
/// <param name="Purpose">One line about it; may be empty.</param>
internal sealed record Candidate(string Word, string Purpose)
{
    private const string Environments = "--env";

    /// <summary>The candidates for the last of the words, in the order of the help page; none where any word or a file may follow.</summary>
    /// <param name="words">The words behind the program's name. bash hands <c>--flag=value</c> over as three.</param>
    /// <param name="context">The world outside.</param>
    /// <param name="cancellationToken">Ends the look into the store.</param>
    public static async Task<ImmutableArray<Candidate>> FindAsync(IReadOnlyList<string> words, CliContext context, CancellationToken cancellationToken)
    {
        var joined = Join(words, out var isSplit);
        var tree = new CommandTree(context with { Arguments = joined });
        var line = TypedLine.Read(tree.Root, joined);
        var prefix = isSplit ? "" : line.Prefix;
        return
        [
            .. (await AllAsync(line, context, cancellationToken))
                .Where(found => found.Word.StartsWith(line.Last, StringComparison.Ordinal))
                .Select(found => found with { Word = prefix + found.Word }),
        ];
    }

    private static async Task<IEnumerable<Candidate>> AllAsync(TypedLine line, CliContext context, CancellationToken cancellationToken)
    {
        if (line.Awaited is { } flag)
        {
            return flag.Name == Environments
                ? await EnvironmentsAsync(line, context, cancellationToken)
                : flag.GetCompletions(CompletionContext.Empty).Select(item => new Candidate(item.Label, ""));
        }

        if (line.IsLiteral || line.Prefix.Length > 0)
        {
            return [];
        }

        if (line.Last.StartsWith('-'))
        {
            return line.Flags().Select(option => new Candidate(option.Name, option.Description ?? ""));
        }

        return line.Command.Subcommands.Count > 0 && line.Positions == 0
            ? line.Command.Subcommands.Where(child => !child.Hidden).Select(child => new Candidate(child.Name, child.Description ?? ""))
            : TakesEnvironment(line) ? await EnvironmentsAsync(line, context, cancellationToken) : [];
    }

    /// <summary>Whether the next word names an environment, by the operands of the command's usage line.</summary>
    private static bool TakesEnvironment(TypedLine line) =>
        line.Command is DescribedCommand described && described.Operands.Split(' ').ElementAtOrDefault(line.Positions) is "ENV" or "[ENV]";

    private static async Task<IEnumerable<Candidate>> EnvironmentsAsync(TypedLine line, CliContext context, CancellationToken cancellationToken)
    {
        var root = line.ValueOf("--store-root") is { } given ? context.PathOf(given) : null;
        if (!StoreLayout.Find(root, name => context.Variable(name) is { Length: > 0 } value ? value : null).TryGet(out var layout, out _))
        {
            return [];
        }

        var store = new FileEnvironmentStore(layout, context.Time, RandomNumberGenerator.Fill);
        return (await store.ListAsync(cancellationToken)).Match(found => found.Select(id => new Candidate(id.ToString(), "environment")), _ => []);
    }

    private static ImmutableArray<string> Join(IReadOnlyList<string> words, out bool isSplit)
    {
        var joined = new List<string>();
        isSplit = false;
        for (var at = 0; at < words.Count; at++)
        {
            var belongs = words[at] == "=" && joined.Count > 0 && joined[^1].StartsWith("--", StringComparison.Ordinal);
            if (belongs)
            {
                joined[^1] += at + 1 < words.Count ? $"={words[++at]}" : "=";
                isSplit = at >= words.Count - 1;
            }
            else
            {
                joined.Add(words[at]);
            }
        }

        return [.. joined];
    }
}
