using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Store.Tests.Secrets;

/// <summary>
/// Reads and writes a file of secrets the way the existing runtime does (store.md §8), written from its rules with nothing of ours,
/// including its habit to keep one data key per category in memory.
/// </summary>
internal sealed class ExistingRuntime(string path, string passPhrase = "")
{
    private const string Prefix = "SECRETS_BACKEND_STATE=";

    private readonly byte[] _master = SHA256.HashData(Encoding.UTF8.GetBytes(passPhrase));
    private readonly Dictionary<string, byte[]> _dataKeys = [];

    public JsonObject State()
    {
        var line = File.ReadAllLines(path).Single(line => line.Length > 0 && line[0] != '#');
        var base64 = line[Prefix.Length..];
        base64.ShouldNotContain("=");
        return JsonNode.Parse(Convert.FromBase64String(base64 + new string('=', -base64.Length & 3)))!.AsObject();
    }

    /// <summary>Null when the secret is absent, or when the runtime takes it for absent.</summary>
    public string? Get(string uri)
    {
        var newest = State()["secrets"]!.AsArray().SingleOrDefault(secret => (string)secret!["key"]! == uri)?["versions"]!.AsArray()[^1]!;
        if (newest is null || (bool)newest["deleted"]!)
        {
            return null;
        }

        var envelope = newest["record"]!["envelope"]!;
        ((string)envelope["algorithm"]!).ShouldBe("aes256gcm");
        var category = uri[..uri.LastIndexOf('/')];
        if (!_dataKeys.TryGetValue(category, out var dek))
        {
            dek = _dataKeys[category] = Xor(Bytes(envelope["wrapped_dek"]!));
        }

        var value = Bytes(newest["record"]!["value"]!);
        var plain = new byte[value.Length - 16];
        try
        {
            using var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, dek, 32, Bytes(envelope["hkdf_salt"]!), Encoding.UTF8.GetBytes(uri)), 16);
            aes.Decrypt(Bytes(envelope["nonce"]!), value[..^16], value[^16..], plain);
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Put(string uri, string text) => Append(uri, Record(uri, text));

    public void Delete(string uri) => Append(uri, null);

    private void Append(string uri, JsonObject? record)
    {
        var state = File.Exists(path) ? State() : new JsonObject { ["secrets"] = new JsonArray() };
        var secrets = state["secrets"]!.AsArray();
        var secret = secrets.SingleOrDefault(secret => (string)secret!["key"]! == uri);
        if (secret is null)
        {
            secrets.Add(secret = new JsonObject { ["key"] = uri, ["versions"] = new JsonArray() });
        }

        var versions = secret["versions"]!.AsArray();
        versions.Add(new JsonObject { ["version"] = versions.Count + 1, ["deleted"] = record is null, ["record"] = record });
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"# kept by the runtime\n\n{Prefix}{Convert.ToBase64String(Encoding.UTF8.GetBytes(state.ToJsonString())).TrimEnd('=')}\n");
    }

    private JsonObject Record(string uri, string text)
    {
        var dek = RandomNumberGenerator.GetBytes(32);
        var salt = RandomNumberGenerator.GetBytes(32);
        var nonce = RandomNumberGenerator.GetBytes(12);
        var plain = Encoding.UTF8.GetBytes(text);
        var value = new byte[plain.Length + 16];
        using var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, dek, 32, salt, Encoding.UTF8.GetBytes(uri)), 16);
        aes.Encrypt(nonce, plain, value.AsSpan(0, plain.Length), value.AsSpan(plain.Length));
        return new JsonObject
        {
            ["meta"] = new JsonObject { ["uri"] = uri, ["visibility"] = "team", ["contentType"] = "text", ["description"] = "from the runtime" },
            ["value"] = Numbers(value),
            ["envelope"] = new JsonObject { ["algorithm"] = "aes256gcm", ["nonce"] = Numbers(nonce), ["hkdf_salt"] = Numbers(salt), ["wrapped_dek"] = Numbers(Xor(dek)) },
        };
    }

    private static byte[] Bytes(JsonNode numbers) => [.. numbers.AsArray().Select(number => (byte)(int)number!)];

    private static JsonArray Numbers(byte[] bytes) => [.. bytes.Select(number => (JsonNode)(int)number)];

    private byte[] Xor(byte[] key) => [.. key.Select((number, index) => (byte)(number ^ _master[index]))];
}
