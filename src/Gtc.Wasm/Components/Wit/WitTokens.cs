namespace Gtc.Wasm.Components;

/// <summary>Splits WIT text into names and marks; comments are skipped.</summary>
internal sealed class WitTokens(string text)
{
    private int _position;

    /// <summary>The line of the next token, for messages.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Where the reader is, to come back to.</summary>
    public (int Position, int Line) Place
    {
        get => (_position, Line);
        set => (_position, Line) = value;
    }

    public string Peek()
    {
        var (position, line) = (_position, Line);
        var token = Next();
        (_position, Line) = (position, line);
        return token;
    }

    /// <returns>The next token, empty at the end.</returns>
    public string Next()
    {
        SkipSpace();
        if (_position >= text.Length)
        {
            return "";
        }

        var start = _position;
        var isArrow = text.AsSpan(start).StartsWith("->");
        if (isArrow || !IsNamePart(text[start]))
        {
            _position += isArrow ? 2 : 1;
            return text[start.._position];
        }

        while (_position < text.Length && IsNamePart(text[_position]) && !text.AsSpan(_position).StartsWith("->"))
        {
            _position++;
        }

        return text[start.._position].TrimStart('%');
    }

    public bool Take(string token)
    {
        if (Peek() != token)
        {
            return false;
        }

        Next();
        return true;
    }

    public void Expect(string token)
    {
        var found = Next();
        if (found != token)
        {
            throw Fault($"\"{token}\" is needed, not \"{found}\"");
        }
    }

    public string Name()
    {
        var name = Next();
        return ExternNames.IsLabel(name) ? name : throw Fault($"a name is needed, not \"{name}\"");
    }

    public WasmFaultException Fault(string message) => WasmFaultException.Malformed(-1, $"WIT line {Line}: {message}");

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '%' or '_';

    private void SkipSpace()
    {
        while (_position < text.Length)
        {
            if (text.AsSpan(_position).StartsWith("//"))
            {
                var end = text.IndexOf('\n', _position);
                _position = end < 0 ? text.Length : end;
            }
            else if (char.IsWhiteSpace(text[_position]))
            {
                Line += text[_position] == '\n' ? 1 : 0;
                _position++;
            }
            else
            {
                return;
            }
        }
    }
}
