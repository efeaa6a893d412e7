using System.Collections.Immutable;
using System.CommandLine;

namespace Gtc.Cli;

/// <summary>A command with what its help page shows beyond its flags.</summary>
/// <param name="name">The word.</param>
/// <param name="purpose">One line without a final full stop.</param>
internal sealed class DescribedCommand(string name, string purpose) : Command(name, purpose)
{
    /// <summary>Command lines that work as typed, without the program's name.</summary>
    public required ImmutableArray<string> Examples { get; init; }

    /// <summary>What the words after the command mean, e.g. <c>[ENV] [key=value …]</c>; empty when it takes none.</summary>
    public string Operands { get; init; } = "";

    /// <summary>The words that its remaining arguments are, or null when it takes none.</summary>
    public Argument<string[]>? Words { get; init; }

    /// <summary>A paragraph below the purpose, or null.</summary>
    public string? Remark { get; init; }
}
