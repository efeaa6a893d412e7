using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

public sealed class A_secrets_file_is_shared : IDisposable
{
    private const string Token = "secrets://local/default/_/messaging-telegram/telegram_bot_token";

    private readonly SecretBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    [Trait("fact", "store:9.22")]
    public void The_published_vector_is_met()
    {
        using var value = SecretValue.Of("hunter2").Value;
        var draws = new Queue<Func<int, byte>>([i => (byte)i, _ => 0xaa, _ => 0xbb]);
        var store = _bench.Open(LinuxFileCalls.Instance, bytes =>
        {
            var draw = draws.Dequeue();
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = draw(i);
            }
        });

        store.Put(SecretUri.Parse(Token).Value, value).Value.ShouldBe(new SecretVersion(1, null));

        var record = new ExistingRuntime(_bench.FilePath).State()["secrets"]![0]!["versions"]![0]!["record"]!;
        Hex(record["envelope"]!["wrapped_dek"]!).ShouldBe("e3b1c6419cf91a1392f2fec39562b72b37bf53f7708e855bbc8c8300644fa64a");
        Hex(record["envelope"]!["hkdf_salt"]!).ShouldBe(string.Concat(Enumerable.Repeat("aa", 32)));
        Hex(record["envelope"]!["nonce"]!).ShouldBe(string.Concat(Enumerable.Repeat("bb", 12)));
        Hex(record["value"]!).ShouldBe("432d52af666a74977abce675164f29891bf2e8e2a03265");
    }

    [Fact]
    public void The_file_has_the_documented_shape()
    {
        _bench.Put("b/_/p/n", "1");
        _bench.Put("a/_/p/n", "2");
        _bench.Open().Delete(_bench.Uri("b/_/p/n")).Value.ShouldBe(new SecretVersion(2, 1));

        var text = File.ReadAllText(_bench.FilePath);
        text.ShouldStartWith("SECRETS_BACKEND_STATE=");
        text.Trim().Split('\n').ShouldHaveSingleItem();
        File.GetUnixFileMode(_bench.FilePath).ShouldBe(AtomicFile.Private);
        var secrets = new ExistingRuntime(_bench.FilePath).State()["secrets"]!.AsArray();
        secrets.Select(secret => (string)secret!["key"]!).ShouldBe(["secrets://local/a/_/p/n", "secrets://local/b/_/p/n"]);
        secrets[0]!["versions"]![0]!["record"]!["meta"]!.ToJsonString().ShouldBe("""{"uri":"secrets://local/a/_/p/n","visibility":"team","contentType":"text"}""");
        secrets[1]!["versions"]![1]!.ToJsonString().ShouldBe("""{"version":2,"deleted":true,"record":null}""");
    }

    [Fact]
    public void The_existing_runtime_reads_what_is_written_here()
    {
        _bench.Put("acme/_/telegram/token", "first");
        _bench.Put("acme/_/telegram/webhook", "second");
        _bench.Put("acme/red/telegram/token", "third");
        _bench.Put("acme/_/telegram/token", "first again");

        // One reader, which keeps a data key per category: with keys of their own the second secret would be absent for it.
        var runtime = new ExistingRuntime(_bench.FilePath);
        runtime.Get("secrets://local/acme/_/telegram/token").ShouldBe("first again");
        runtime.Get("secrets://local/acme/_/telegram/webhook").ShouldBe("second");
        runtime.Get("secrets://local/acme/red/telegram/token").ShouldBe("third");
    }

    [Fact]
    [Trait("fact", "store:9.23")]
    public void Two_data_keys_in_one_category_are_both_read()
    {
        new ExistingRuntime(_bench.FilePath).Put("secrets://local/acme/_/telegram/token", "one process");
        new ExistingRuntime(_bench.FilePath).Put("secrets://local/acme/_/telegram/webhook", "another process");

        var store = _bench.Open();

        Reveal(store, "acme/_/telegram/token").ShouldBe("one process");
        Reveal(store, "acme/_/telegram/webhook").ShouldBe("another process");
    }

    [Fact]
    public void What_is_not_understood_is_kept()
    {
        new ExistingRuntime(_bench.FilePath).Put("secrets://local/acme/_/p/a", "theirs");
        _bench.Put("acme/_/p/b", "ours");

        new ExistingRuntime(_bench.FilePath).State()["secrets"]![0]!["versions"]![0]!["record"]!["meta"]!["description"]!.ToString().ShouldBe("from the runtime");
        _bench.Text("acme/_/p/a").ShouldBe("theirs");
    }

    [Fact]
    public void A_pass_phrase_is_shared_too()
    {
        new ExistingRuntime(_bench.FilePath, "correct horse").Put("secrets://local/acme/_/p/a", "theirs");
        _bench.Read("acme/_/p/a").ShouldBeOfType<SecretReading.Undecryptable>();

        _bench.Variables["GREENTIC_DEV_MASTER_KEY"] = "correct horse";

        _bench.Text("acme/_/p/a").ShouldBe("theirs");
        _bench.Put("acme/_/p/b", "ours");
        new ExistingRuntime(_bench.FilePath, "correct horse").Get("secrets://local/acme/_/p/b").ShouldBe("ours");
    }

    [Fact]
    public void The_file_is_found_in_the_documented_order()
    {
        var usual = _bench.FilePath;
        var older = Path.Combine(_bench.Layout.Folder, ".greentic", "state", "dev", ".dev.secrets.env");
        _bench.Open().Path.ShouldBe(usual);

        new ExistingRuntime(older).Put("secrets://local/acme/_/p/a", "old place");
        _bench.Open().Path.ShouldBe(older);
        _bench.Text("acme/_/p/a").ShouldBe("old place");

        _bench.WriteState("""{"secrets":[]}""");
        _bench.Open().Path.ShouldBe(usual);

        _bench.Variables["GREENTIC_DEV_SECRETS_PATH"] = _bench.Workbench.Folder["elsewhere/secrets"];
        _bench.Open().Path.ShouldBe(_bench.Workbench.Folder["elsewhere/secrets"]);
    }

    private static string Hex(JsonNode numbers) => Convert.ToHexStringLower([.. numbers.AsArray().Select(number => (byte)(int)number!)]);

    private string Reveal(SecretStore store, string path)
    {
        using var value = store.Get(_bench.Uri(path), version: null).Value.ShouldBeOfType<SecretReading.Found>().Value;
        return value.Reveal();
    }
}
