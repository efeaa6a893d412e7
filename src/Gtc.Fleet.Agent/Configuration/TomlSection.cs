using System.Collections.Immutable;

namespace Gtc.Fleet.Agent.Configuration;

/// <summary>One table whose keys are known; each is asked for by its type.</summary>
internal sealed class TomlSection
{
    private readonly TomlTable? _table;
    private readonly string _name;

    public TomlSection(TomlDocument document, string name, string[] keys)
    {
        _name = name;
        _table = document.Tables.GetValueOrDefault(name);
        Check(keys);
    }

    public TomlSection(TomlTable table, string[] keys)
    {
        _name = table.Name;
        _table = table;
        Check(keys);
    }

    public bool IsAbsent => _table is null;

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        TomlText { Text.Length: > 0 } text => text.Text,
        TomlText => throw Wrong(key, "the text is empty"),
        var other => throw Wrong(key, $"a text in quotes was expected, {other.Kind} was found"),
    };

    public long? Number(string key, long least, long most) => Find(key) switch
    {
        null => null,
        TomlNumber number when number.Number >= least && number.Number <= most => number.Number,
        TomlNumber number => throw Wrong(key, $"{number.Number} was found, {least} to {most} was expected"),
        var other => throw Wrong(key, $"a whole number was expected, {other.Kind} was found"),
    };

    public bool? Switch(string key) => Find(key) switch
    {
        null => null,
        TomlSwitch word => word.IsOn,
        var other => throw Wrong(key, $"true or false was expected, {other.Kind} was found"),
    };

    public ImmutableArray<string>? Texts(string key) => Find(key) switch
    {
        null => null,
        TomlTexts texts => texts.Texts,
        var other => throw Wrong(key, $"a list of texts was expected, {other.Kind} was found"),
    };

    /// <summary>A secret: as it stands there, or in a file that <c>KEY_file</c> names.</summary>
    public string? Secret(string key, Func<string, string> readFile)
    {
        var file = Text(key + "_file");
        if (file is not null && Find(key) is not null)
        {
            throw Wrong(key, $"{key} and {key}_file exclude each other");
        }

        try
        {
            return file is null ? Text(key) : readFile(file).TrimEnd('\r', '\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Wrong(key + "_file", $"the file cannot be read: {error.Message}");
        }
    }

    public TomlException Wrong(string key, string message) => new(Find(key)?.Line ?? _table?.Line ?? 1, $"{_name}.{key}: {message}");

    private TomlValue? Find(string key) => _table?.Values.GetValueOrDefault(key);

    private void Check(string[] keys)
    {
        if (_table?.Values.FirstOrDefault(pair => !keys.Contains(pair.Key)) is { Key: { } unknown, Value: { } value })
        {
            throw new TomlException(value.Line, $"{_name}.{unknown} is not known; {string.Join(", ", keys)} are");
        }
    }
}
