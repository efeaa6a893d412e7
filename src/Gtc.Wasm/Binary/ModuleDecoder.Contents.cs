using System.Collections.Immutable;

namespace Gtc.Wasm;

/// <content>Expressions, segments and code.</content>
internal sealed partial class ModuleDecoder
{
    private ConstantExpression ReadExpression(ref ByteReader section)
    {
        var start = section.Position;
        var instructions = new InstructionReader(_bytes.Span, start, section.Left);
        for (var depth = 1; depth > 0;)
        {
            if (!instructions.Read())
            {
                throw WasmFaultException.Malformed(section.End, "unexpected end: a constant expression without its end");
            }

            depth += instructions.Opcode switch
            {
                Opcode.Block or Opcode.Loop or Opcode.If => 1,
                Opcode.End => -1,
                _ => 0,
            };
        }

        section.Take(instructions.Position - start);
        return new ConstantExpression(start, instructions.Position - start);
    }

    private void ReadElements(ref ByteReader section)
    {
        var elements = ImmutableArray.CreateBuilder<ElementSegment>();
        for (var left = section.Count(_limits.ElementSegments, "element segments"); left > 0; left--)
        {
            elements.Add(ReadElementSegment(ref section));
        }

        _elements = elements.ToImmutable();
    }

    // Bit 0 of the flags: not active. Bit 1: a table is named, or the segment is declarative. Bit 2: expressions instead of functions.
    private ElementSegment ReadElementSegment(ref ByteReader section)
    {
        var place = section.Position;
        var flags = section.U32();
        if (flags > 7)
        {
            throw WasmFaultException.Malformed(place, $"malformed elements segment kind {flags}");
        }

        var active = (flags & 1) == 0;
        var table = active && (flags & 2) != 0 ? section.U32() : 0;
        var offset = active ? ReadExpression(ref section) : default;
        var expressions = (flags & 4) != 0;
        var type = (flags & 3) == 0 ? ValueType.FuncRef : expressions ? ReadReferenceType(ref section) : ReadElementKind(ref section);
        return new ElementSegment
        {
            Mode = active ? SegmentMode.Active : (flags & 2) == 0 ? SegmentMode.Passive : SegmentMode.Declarative,
            Type = type,
            Table = table,
            Place = offset,
            Functions = expressions ? default : ReadFunctionIndices(ref section),
            Expressions = expressions ? ReadExpressions(ref section) : default,
            Offset = place,
        };
    }

    private static ValueType ReadElementKind(ref ByteReader section)
    {
        var place = section.Position;
        return section.Byte() is 0 ? ValueType.FuncRef : throw WasmFaultException.Malformed(place, "malformed element kind: only functions (0) exist");
    }

    private ImmutableArray<uint> ReadFunctionIndices(ref ByteReader section)
    {
        var indices = new uint[section.Count(_limits.SegmentElements, "elements")];
        for (var place = 0; place < indices.Length; place++)
        {
            indices[place] = section.U32();
        }

        return ImmutableArray.Create(indices);
    }

    private ImmutableArray<ConstantExpression> ReadExpressions(ref ByteReader section)
    {
        var expressions = ImmutableArray.CreateBuilder<ConstantExpression>();
        for (var left = section.Count(_limits.SegmentElements, "elements"); left > 0; left--)
        {
            expressions.Add(ReadExpression(ref section));
        }

        return expressions.ToImmutable();
    }

    private void ReadCode(ref ByteReader section)
    {
        var code = ImmutableArray.CreateBuilder<FunctionBody>();
        for (var left = section.Count(_limits.Functions, "function bodies"); left > 0; left--)
        {
            var place = section.Position;
            var length = section.U32();
            if (length > (uint)section.Left)
            {
                throw WasmFaultException.Malformed(place, $"length out of bounds: a function of {length} bytes where {section.Left} are left");
            }

            if (length > (uint)_limits.FunctionBytes)
            {
                throw WasmFaultException.TooLarge(place, $"a function of {length} bytes; at most {_limits.FunctionBytes} are allowed");
            }

            var body = new ByteReader(_bytes.Span, section.Position, section.Position + (int)length);
            section.Take((int)length);
            code.Add(ReadBody(ref body));
        }

        _code = code.ToImmutable();
    }

    private FunctionBody ReadBody(ref ByteReader body)
    {
        var place = body.Position;
        var groups = ImmutableArray.CreateBuilder<LocalGroup>();
        ulong total = 0;
        for (var left = body.Count(int.MaxValue, "groups of locals"); left > 0; left--)
        {
            var count = body.U32();
            groups.Add(new LocalGroup(count, ReadValueType(ref body)));
            total += count;
            if (total > uint.MaxValue)
            {
                throw WasmFaultException.Malformed(place, "too many locals: more than 2^32 - 1");
            }
        }

        return total <= (ulong)_limits.Locals
            ? new FunctionBody(body.Position, body.Left, groups.ToImmutable(), (int)total)
            : throw WasmFaultException.TooLarge(place, $"too many locals: {total}; at most {_limits.Locals} are allowed");
    }

    private void ReadDataSegments(ref ByteReader section)
    {
        var data = ImmutableArray.CreateBuilder<DataSegment>();
        for (var left = section.Count(_limits.DataSegments, "data segments"); left > 0; left--)
        {
            data.Add(ReadDataSegment(ref section));
        }

        _data = data.ToImmutable();
    }

    private DataSegment ReadDataSegment(ref ByteReader section)
    {
        var place = section.Position;
        var flags = section.U32();
        if (flags > 2)
        {
            throw WasmFaultException.Malformed(place, $"malformed data segment kind {flags}");
        }

        var memory = flags == 2 ? section.U32() : 0;
        var offset = flags == 1 ? default : ReadExpression(ref section);
        var length = section.Count(int.MaxValue, "bytes of data");
        var start = section.Position;
        section.Take(length);
        return new DataSegment
        {
            Mode = flags == 1 ? SegmentMode.Passive : SegmentMode.Active,
            Memory = memory,
            Place = offset,
            Bytes = _bytes.Slice(start, length),
            Offset = place,
        };
    }
}
