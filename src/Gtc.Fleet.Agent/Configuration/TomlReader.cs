using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Gtc.Fleet.Agent.Configuration;

/// <summary>
/// Reads the part of TOML 1.0 that configuration needs: tables and lists of tables, texts in both kinds of quotes, whole numbers, true and false, lists of texts, comments.
/// Everything else is refused with its line: nothing is guessed.
/// </summary>
internal sealed class TomlReader
{
    private const int MaxLength = 256 * 1024;
    private readonly string _text;
    private int _at;
    private int _line = 1;

    private TomlReader(string text) => _text = text;

    /// <exception cref="TomlException">It is no such file.</exception>
    public static TomlDocument Read(string text) =>
        text.Length > MaxLength ? throw new TomlException(1, $"the file has {text.Length} characters, at most {MaxLength} were expected") : new TomlReader(text).Read();

    private TomlDocument Read()
    {
        var document = new TomlDocument();
        TomlTable? table = null;
        while (SkipToContent())
        {
            if (Peek() == '[')
            {
                table = ReadHeader(document);
            }
            else
            {
                ReadPair(table ?? throw Wrong("a value stands before the first [table]"));
            }

            EndLine();
        }

        return document;
    }

    private TomlTable ReadHeader(TomlDocument document)
    {
        _at++;
        var isList = Peek() == '[';
        _at += isList ? 1 : 0;
        Blanks();
        var name = Key();
        Blanks();
        Expect(']');
        if (isList)
        {
            Expect(']');
        }

        var table = new TomlTable(name, _line);
        if (isList)
        {
            if (document.Tables.ContainsKey(name))
            {
                throw Wrong($"[[{name}]] and [{name}] exclude each other");
            }

            (document.Lists.TryGetValue(name, out var list) ? list : document.Lists[name] = []).Add(table);
        }
        else if (document.Lists.ContainsKey(name) || !document.Tables.TryAdd(name, table))
        {
            throw Wrong($"[{name}] stands there twice");
        }

        return table;
    }

    private void ReadPair(TomlTable table)
    {
        var line = _line;
        var key = Key();
        Blanks();
        if (Peek() == '.')
        {
            throw Wrong("a key with dots is not read here; write the [table] instead");
        }

        Expect('=');
        Blanks();
        if (!table.Values.TryAdd(key, Value(line)))
        {
            throw new TomlException(line, $"`{key}` stands twice in [{table.Name}]");
        }
    }

    private TomlValue Value(int line) => Peek() switch
    {
        '"' or '\'' => new TomlText(Text(), line),
        '[' => new TomlTexts(Texts(), line),
        't' or 'f' => new TomlSwitch(Word() switch
        {
            "true" => true,
            "false" => false,
            var other => throw Wrong($"`{other}` is no value; texts stand in quotes"),
        }, line),
        '+' or '-' or (>= '0' and <= '9') => new TomlNumber(Number(), line),
        '{' => throw Wrong("inline tables are not read here; write a [table] instead"),
        _ => throw Wrong("a value was expected: a text in quotes, a whole number, true, false, or a list of texts"),
    };

    private ImmutableArray<string> Texts()
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        _at++;
        SkipToContent();
        while (Peek() != ']')
        {
            if (Peek() is not ('"' or '\''))
            {
                throw Wrong("a list holds texts in quotes here");
            }

            texts.Add(Text());
            SkipToContent();
            if (Peek() == ',')
            {
                _at++;
                SkipToContent();
            }
            else if (Peek() != ']')
            {
                throw Wrong("`,` or `]` was expected in a list");
            }
        }

        _at++;
        return texts.DrainToImmutable();
    }

    private string Text()
    {
        var quote = _text[_at++];
        if (_at + 1 < _text.Length && _text[_at] == quote && _text[_at + 1] == quote)
        {
            throw Wrong("texts of several lines are not read here");
        }

        var text = new StringBuilder();
        while (true)
        {
            var next = _at < _text.Length ? _text[_at++] : '\n';
            if (next == quote)
            {
                return text.ToString();
            }

            if (next is '\n' or '\r' || (char.IsControl(next) && next != '\t'))
            {
                throw Wrong($"the text is not closed with {quote} on its line");
            }

            text.Append(next == '\\' && quote == '"' ? Escape() : next);
        }
    }

    private string Escape()
    {
        var next = _at < _text.Length ? _text[_at++] : '\n';
        return next switch
        {
            '"' or '\\' => next.ToString(),
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            'b' => "\b",
            'f' => "\f",
            'u' => Scalar(4),
            'U' => Scalar(8),
            _ => throw Wrong($"`\\{next}` is no escape; \\\\ is a backslash, or use single quotes"),
        };
    }

    private string Scalar(int digits)
    {
        if (_at + digits > _text.Length
            || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || !Rune.IsValid(code))
        {
            throw Wrong($"\\u takes {digits} hexadecimal digits of a character");
        }

        _at += digits;
        return new Rune(code).ToString();
    }

    private long Number()
    {
        var word = Word().Replace("_", "", StringComparison.Ordinal);
        return long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong($"`{word}` is no whole number");
    }

    private string Key()
    {
        if (Peek() is '"' or '\'')
        {
            var quoted = Text();
            return quoted.Length > 0 ? quoted : throw Wrong("a key is empty");
        }

        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '_' or '-')
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Wrong("a key was expected: letters, digits, _ and -, or a text in quotes");
    }

    private string Word()
    {
        var start = _at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && _text[_at] is not (',' or ']' or '#'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void Blanks()
    {
        while (Peek() is ' ' or '\t')
        {
            _at++;
        }
    }

    private void Expect(char expected)
    {
        if (Peek() != expected)
        {
            throw Wrong($"`{expected}` was expected");
        }

        _at++;
    }

    private void Comment()
    {
        if (Peek() == '#')
        {
            while (_at < _text.Length && _text[_at] != '\n')
            {
                _at++;
            }
        }
    }

    private void EndLine()
    {
        Blanks();
        Comment();
        if (Peek() == '\r')
        {
            _at++;
        }

        if (_at < _text.Length && _text[_at] != '\n')
        {
            throw Wrong("the end of the line was expected");
        }
    }

    /// <summary>Skips blanks, comments and line ends.</summary>
    /// <returns>False at the end of the file.</returns>
    private bool SkipToContent()
    {
        while (true)
        {
            Blanks();
            Comment();
            if (Peek() == '\n')
            {
                _line++;
            }
            else if (Peek() != '\r')
            {
                return _at < _text.Length;
            }

            _at++;
        }
    }

    private TomlException Wrong(string message) => new(_line, message);
}
