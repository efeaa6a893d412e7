using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gtc.Artifacts.Building;

/// <summary>Finds the line on which a value of a YAML document stands. Only asked when something is wrong, so the document is read once more.</summary>
internal sealed class YamlPlaces
{
    private readonly Parser _parser;
    private readonly string _wanted;
    private long _line = 1;
    private int _fits = -1;

    private YamlPlaces(Parser parser, string wanted)
    {
        _parser = parser;
        _wanted = wanted;
    }

    /// <summary>The line of a value, or of the nearest one around it that is there.</summary>
    /// <param name="utf8">A document that <see cref="Cbor.YamlDocument"/> accepts.</param>
    /// <param name="path">The value, as <see cref="Cbor.DocumentValue.Path"/> spells it.</param>
    /// <returns>The line, from 1.</returns>
    public static long LineOf(ReadOnlyMemory<byte> utf8, string path)
    {
        using var text = new StringReader(Encoding.UTF8.GetString(utf8.Span));
        var parser = new Parser(text);
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return 1;
        }

        var places = new YamlPlaces(parser, path);
        places.Value(string.Empty);
        return places._line;
    }

    private void Value(string path)
    {
        if (_parser.TryConsume<SequenceStart>(out _))
        {
            for (var index = 0; !_parser.TryConsume<SequenceEnd>(out _); index++)
            {
                Visit($"{path}[{index}]", _parser.Current!.Start.Line);
                Value($"{path}[{index}]");
            }
        }
        else if (_parser.TryConsume<MappingStart>(out _))
        {
            while (!_parser.TryConsume<MappingEnd>(out _))
            {
                var key = _parser.Consume<Scalar>();
                var inner = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
                Visit(inner, key.Start.Line);
                Value(inner);
            }
        }
        else
        {
            _parser.MoveNext();
        }
    }

    // Keys may hold dots, so paths are compared whole: the longest one that the wanted one begins with is the nearest.
    private void Visit(string path, long line)
    {
        if (path.Length > _fits && _wanted.StartsWith(path, StringComparison.Ordinal) && (_wanted.Length == path.Length || _wanted[path.Length] is '.' or '['))
        {
            (_line, _fits) = (line, path.Length);
        }
    }
}
