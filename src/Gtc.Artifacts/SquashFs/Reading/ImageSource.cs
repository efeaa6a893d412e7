using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Positioned reads within the image; safe to share between threads. Does not own the handle.</summary>
internal sealed class ImageSource(SafeFileHandle handle, long length)
{
    public long Length => length;

    /// <summary>Fills the whole span.</summary>
    /// <exception cref="ImageFault">The bytes lie outside the image or the file is shorter than it said.</exception>
    public void Read(long position, Span<byte> destination)
    {
        if (position < 0 || position > length - destination.Length)
        {
            throw ImageFault.Malformed("it points outside itself", $"at most {length} bytes", $"{destination.Length} bytes at {position}");
        }

        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(handle, destination, position);
            if (read == 0)
            {
                throw ImageFault.Malformed("the file ends early", $"{length} bytes", $"end of file at {position}");
            }

            position += read;
            destination = destination[read..];
        }
    }
}
