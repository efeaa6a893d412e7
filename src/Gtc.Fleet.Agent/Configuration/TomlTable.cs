using System.Collections.Immutable;

namespace Gtc.Fleet.Agent.Configuration;

/// <summary>A value of a configuration file and the line that it stands on.</summary>
internal abstract record TomlValue(int Line)
{
    /// <summary>What it is, for errors.</summary>
    public abstract string Kind { get; }
}

internal sealed record TomlText(string Text, int Line) : TomlValue(Line)
{
    public override string Kind => "a text";
}

internal sealed record TomlNumber(long Number, int Line) : TomlValue(Line)
{
    public override string Kind => "a number";
}

internal sealed record TomlSwitch(bool IsOn, int Line) : TomlValue(Line)
{
    public override string Kind => "true or false";
}

internal sealed record TomlTexts(ImmutableArray<string> Texts, int Line) : TomlValue(Line)
{
    public override string Kind => "a list of texts";
}

/// <summary>A table: the values below one <c>[name]</c>.</summary>
internal sealed class TomlTable(string name, int line)
{
    public string Name { get; } = name;

    public int Line { get; } = line;

    public Dictionary<string, TomlValue> Values { get; } = new(StringComparer.Ordinal);
}

/// <summary>A configuration file: tables by their name, and tables that come several times (<c>[[name]]</c>).</summary>
internal sealed class TomlDocument
{
    public Dictionary<string, TomlTable> Tables { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<TomlTable>> Lists { get; } = new(StringComparer.Ordinal);
}

/// <summary>A file that cannot be read as configuration; turned into an <see cref="AgentError"/> where reading began.</summary>
internal sealed class TomlException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
