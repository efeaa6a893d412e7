using System.Security.Cryptography;
using System.Text;

namespace Gtc.Redis;

/// <summary>A Lua script that the server runs as one step.</summary>
/// <param name="text">Its text.</param>
public sealed class RedisScript(string text)
{
    /// <summary>Its text.</summary>
    public string Text { get; } = text;

    /// <summary>The name under which the server keeps it: the SHA-1 of its text in lower-case hexadecimal.</summary>
#pragma warning disable CA5350 // The name is the server's; nothing rests on it.
    public string Digest { get; } = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
