using System.Buffers;
using System.IO.Pipelines;

namespace Gtc.Runtime;

/// <summary>Reads a request body whole, up to a bound.</summary>
internal static class BoundedBody
{
    /// <summary>The most bytes of a request body: 1 MiB (worker-runtime.md §5.2).</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>What is said of a larger one, with 413.</summary>
    public const string TooLarge = "request body exceeds the size limit";

    /// <summary>The body's bytes, or null when there are more than <see cref="MaxBytes"/>.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(PipeReader reader, long? declaredLength, CancellationToken cancellationToken)
    {
        if (declaredLength > MaxBytes)
        {
            return null;
        }

        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (buffer.Length > MaxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var bytes = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return bytes;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
