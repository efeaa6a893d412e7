namespace Gtc.Flows.Tests.Components;

/// <summary>No deadline ends the making of machine code, so what it takes is bounded by the size of a function.</summary>
public sealed class Functions_are_bounded
{
    private const int Most = 256 << 10;

    [Fact]
    public void At_the_bound_a_component_is_taken_and_beyond_it_is_refused()
    {
        FlowOptions.Standard.Engine.Load(Component(Most)).TryGet(out var taken, out var error).ShouldBeTrue(error?.Message);
        taken.ShouldNotBeNull();
        FlowOptions.Standard.Engine.Load(Component(Most + 1)).TryGet(out _, out var refused).ShouldBeFalse();
        refused!.Message.ShouldContain($"{Most}");
    }

    /// <summary>A component (component model, binary format) with one core module whose one function has so many bytes: no locals, <c>nop</c>s and <c>end</c>.</summary>
    private static byte[] Component(int bytes)
    {
        byte[] body = [0, .. Enumerable.Repeat((byte)0x01, bytes - 2), 0x0b];
        byte[] code = [1, .. Leb(body.Length), .. body];
        byte[] module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, .. Leb(code.Length), .. code];
        return [0, (byte)'a', (byte)'s', (byte)'m', 0x0d, 0, 1, 0, 1, .. Leb(module.Length), .. module];
    }

    private static IEnumerable<byte> Leb(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
