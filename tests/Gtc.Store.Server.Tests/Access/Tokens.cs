using System.Security.Cryptography;
using System.Text;

namespace Gtc.Store.Server.Tests.Access;

/// <summary>Writes token files.</summary>
internal static class Tokens
{
    public static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>An entry whose token is its actor's name.</summary>
    public static string Entry(string actor, string role, string more = "") => $$"""{"token_sha256":"{{Digest(actor)}}","actor":"{{actor}}","role":"{{role}}"{{(more.Length > 0 ? "," + more : "")}}}""";

    public static string File(params string[] entries) => $$"""{"schema":"greentic.store-rbac.v1","tokens":[{{string.Join(',', entries)}}]}""";

    /// <summary>Writes a file into a lab's folder.</summary>
    public static string Write(StoreLab lab, params string[] entries)
    {
        var path = Path.Combine(lab.Folder, "tokens.json");
        System.IO.File.WriteAllText(path + ".new", File(entries));
        System.IO.File.Move(path + ".new", path, overwrite: true);
        return path;
    }
}
