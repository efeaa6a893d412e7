namespace Gtc.Proxy.Loop;

/// <summary>Buffers of a few sizes that are used again, for one thread.</summary>
internal sealed class BufferPool
{
    /// <summary>The smallest buffer.</summary>
    public const int Smallest = 4 * 1024;

    /// <summary>The largest buffer.</summary>
    public const int Largest = 256 * 1024;

    private const int Sizes = 4;
    private const int KeptBytesPerSize = 4 * 1024 * 1024;

    private readonly Stack<byte[]>[] _free = [.. Enumerable.Range(0, Sizes).Select(_ => new Stack<byte[]>())];

    /// <summary>A buffer of at least so many bytes.</summary>
    public byte[] Rent(int atLeast)
    {
        var size = Smallest;
        for (var index = 0; index < Sizes; index++, size *= 4)
        {
            if (atLeast <= size)
            {
                return _free[index].TryPop(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(size);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(atLeast), atLeast, $"a buffer has at most {Largest} bytes");
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        var size = Smallest;
        for (var index = 0; index < Sizes; index++, size *= 4)
        {
            if (buffer.Length == size && _free[index].Count < KeptBytesPerSize / size)
            {
                _free[index].Push(buffer);
            }
        }
    }
}
