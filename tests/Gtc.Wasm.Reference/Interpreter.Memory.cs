namespace Gtc.Wasm.Reference;

/// <content>Loads, stores, bulk memory, lanes, and what is computed from operands alone.</content>
internal sealed partial class Interpreter
{
    private byte[] Memory => _instance.Memory!.Bytes;

    private void ExecuteMemoryOrNumber(Step step)
    {
        var shape = step.Shape;
        switch (shape.Immediate)
        {
            case Immediate.Memory when shape.Results.Length == 1:
                Push(Load(shape, Read(Address(step), shape.Width)));
                break;
            case Immediate.Memory:
                var stored = Pop();
                Write(Address(step), stored, shape.Width);
                break;
            case Immediate.MemoryLane:
                ExecuteLaneAccess(step);
                break;
            case Immediate.Lane:
                ExecuteLane(step);
                break;
            case Immediate.Shuffle:
                var (second, first) = (Pop(), Pop());
                byte[] lanes = [.. Operations.Lanes<byte>(first), .. Operations.Lanes<byte>(second)];
                Push(Operations.Gather(16, place => lanes[step.Vector[place]]));
                break;
            case Immediate.None:
                ExecuteNumber(shape);
                break;
            default:
                ExecuteBulk(step);
                break;
        }
    }

    private ulong Address(Step step)
    {
        var address = (ulong)Pop<uint>() + step.Offset;
        return address + step.Shape.Width <= (ulong)Memory.Length ? address : throw new TrapException("out of bounds memory access");
    }

    private Value Read(ulong address, int width)
    {
        var bytes = new byte[16];
        Array.Copy(Memory, (long)address, bytes, 0, width);
        return Operations.Pack(bytes);
    }

    private void Write(ulong address, Value value, int width) =>
        Array.Copy(Operations.Lanes<byte>(value), 0, Memory, (long)address, width);

    private static Value Load(InstructionShape shape, Value raw) => shape.Opcode switch
    {
        Opcode.I32Load8S => Value.Of((int)raw.As<sbyte>()),
        Opcode.I32Load16S => Value.Of((int)raw.As<short>()),
        Opcode.I64Load8S => Value.Of((long)raw.As<sbyte>()),
        Opcode.I64Load16S => Value.Of((long)raw.As<short>()),
        Opcode.I64Load32S => Value.Of((long)raw.As<int>()),
        Opcode.V128Load8x8S => Operations.OfOne("i16x8.extend_low_i8x16_s")!(raw),
        Opcode.V128Load8x8U => Operations.OfOne("i16x8.extend_low_i8x16_u")!(raw),
        Opcode.V128Load16x4S => Operations.OfOne("i32x4.extend_low_i16x8_s")!(raw),
        Opcode.V128Load16x4U => Operations.OfOne("i32x4.extend_low_i16x8_u")!(raw),
        Opcode.V128Load32x2S => Operations.OfOne("i64x2.extend_low_i32x4_s")!(raw),
        Opcode.V128Load32x2U => Operations.OfOne("i64x2.extend_low_i32x4_u")!(raw),
        Opcode.V128Load8Splat => Operations.Gather(16, _ => raw.As<byte>()),
        Opcode.V128Load16Splat => Operations.Gather(8, _ => raw.As<ushort>()),
        Opcode.V128Load32Splat => Operations.Gather(4, _ => raw.As<uint>()),
        Opcode.V128Load64Splat => Operations.Gather(2, _ => raw.As<ulong>()),
        _ => raw,
    };

    private void ExecuteLaneAccess(Step step)
    {
        var width = step.Shape.Width;
        var vector = Operations.Lanes<byte>(Pop());
        var address = Address(step);
        if (step.Shape.Results.IsEmpty)
        {
            Array.Copy(vector, step.Lane * width, Memory, (long)address, width);
            return;
        }

        Array.Copy(Memory, (long)address, vector, step.Lane * width, width);
        Push(Operations.Pack(vector));
    }

    private void ExecuteLane(Step step)
    {
        var width = step.Shape.Width;
        if (step.Shape.Operands.Length == 2)
        {
            var replacement = Operations.Lanes<byte>(Pop());
            var vector = Operations.Lanes<byte>(Pop());
            Array.Copy(replacement, 0, vector, step.Lane * width, width);
            Push(Operations.Pack(vector));
            return;
        }

        var lane = new byte[16];
        Array.Copy(Operations.Lanes<byte>(Pop()), step.Lane * width, lane, 0, width);
        var raw = Operations.Pack(lane);
        Push(step.Shape.Opcode switch
        {
            Opcode.I8x16ExtractLaneS => Value.Of((int)raw.As<sbyte>()),
            Opcode.I16x8ExtractLaneS => Value.Of((int)raw.As<short>()),
            _ => raw,
        });
    }

    private void ExecuteNumber(InstructionShape shape)
    {
        if (shape.Opcode == Opcode.V128Bitselect)
        {
            var (mask, no, yes) = (Pop(), Pop(), Pop());
            Push(new Value((yes.Low & mask.Low) | (no.Low & ~mask.Low), (yes.High & mask.High) | (no.High & ~mask.High)));
        }
        else if (shape.Operands.Length == 2)
        {
            var (second, first) = (Pop(), Pop());
            Push(Operations.OfTwo(shape.Name)!(first, second));
        }
        else if (shape.Name.EndsWith("splat", StringComparison.Ordinal))
        {
            Push(Splat(shape.Opcode, Pop()));
        }
        else
        {
            Push(Operations.OfOne(shape.Name)!(Pop()));
        }
    }

    private static Value Splat(Opcode opcode, Value lane) => opcode switch
    {
        Opcode.I8x16Splat => Operations.Gather(16, _ => lane.As<byte>()),
        Opcode.I16x8Splat => Operations.Gather(8, _ => lane.As<ushort>()),
        Opcode.I32x4Splat or Opcode.F32x4Splat => Operations.Gather(4, _ => lane.As<uint>()),
        _ => Operations.Gather(2, _ => lane.As<ulong>()),
    };

    private void ExecuteBulk(Step step)
    {
        switch (step.Shape.Opcode)
        {
            case Opcode.MemorySize:
                Push(Value.Of(_instance.Memory!.Pages));
                break;
            case Opcode.MemoryGrow:
                Push(Value.Of(_instance.Memory!.Grow(Pop<uint>(), _counter.MostPages)));
                break;
            case Opcode.MemoryFill:
                var (length, fill, start) = (Pop<uint>(), Pop<byte>(), Pop<uint>());
                ReferenceInstance.CheckMemory(start, length, Memory.Length);
                Array.Fill(Memory, fill, (int)start, (int)length);
                break;
            case Opcode.MemoryCopy:
                CopyBytes(Memory);
                break;
            case Opcode.MemoryInit:
                CopyBytes(_instance.Data[step.Index]);
                break;
            case Opcode.DataDrop:
                _instance.Data[step.Index] = [];
                break;
            default:
                throw new InvalidOperationException($"{step.Shape.Name} is not interpreted.");
        }
    }

    private void CopyBytes(byte[] from)
    {
        var (length, source, target) = (Pop<uint>(), Pop<uint>(), Pop<uint>());
        ReferenceInstance.CopyBytes(from, source, Memory, target, length);
    }
}
