using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Oci;

/// <summary>Reads a small body whole.</summary>
internal static class BoundedBody
{
    /// <exception cref="FetchException">The body is longer than allowed.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int longest, StallGuard guard)
    {
        using var bytes = new MemoryStream();
        await using var body = await response.Content.ReadAsStreamAsync(guard.Token);
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var count = await body.ReadAsync(buffer, guard.Token);
            if (count == 0)
            {
                return bytes.ToArray();
            }

            guard.Touch();
            if (bytes.Length + count > longest)
            {
                throw new FetchException($"the answer is longer than {longest:N0} bytes");
            }

            bytes.Write(buffer, 0, count);
        }
    }
}
