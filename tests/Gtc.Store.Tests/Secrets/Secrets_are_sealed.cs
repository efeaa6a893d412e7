using System.Text;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

public sealed class Secrets_are_sealed : IDisposable
{
    private readonly SecretBench _bench = new("prod", """{"mode":"sealed"}""");

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_first_secret_makes_a_key_for_the_owner_alone_away_from_the_environment()
    {
        _bench.Put("acme/_/p/a", "hunter2");

        _bench.Text("acme/_/p/a").ShouldBe("hunter2");
        _bench.Open().Warnings.ShouldBeEmpty();
        File.GetUnixFileMode(_bench.KeyPath).ShouldBe(AtomicFile.Private);
        Convert.FromBase64String(File.ReadAllText(_bench.KeyPath)).Length.ShouldBe(32);
        _bench.KeyPath.ShouldNotStartWith(_bench.Layout.Folder);
        File.ReadAllText(_bench.FilePath).ShouldNotContain(File.ReadAllText(_bench.KeyPath).Trim());
    }

    [Fact]
    public void Asking_makes_no_key()
    {
        _bench.Read("acme/_/p/a").ShouldBeOfType<SecretReading.Absent>();
        _bench.Open().Delete(_bench.Uri("acme/_/p/a")).Value.ShouldBeNull();
        File.Exists(_bench.KeyPath).ShouldBeFalse();
    }

    [Fact]
    public void Names_and_versions_work_as_they_do_unsealed()
    {
        _bench.Put("acme/_/p/a", "one");
        _bench.Put("acme/_/p/a", "two");
        _bench.Put("acme/_/p/b", "three");
        _bench.Open().Delete(_bench.Uri("acme/_/p/b"));

        _bench.Text("acme/_/p/a").ShouldBe("two");
        _bench.Text("acme/_/p/a", version: 1).ShouldBe("one");
        _bench.Open().List().Value.ShouldBe([new("secrets://prod/acme/_/p/a", 2)]);
    }

    [Fact]
    public void Another_key_is_refused_by_name()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        _bench.Variables["GREENTIC_SECRETS_MASTER_KEY"] = Convert.ToBase64String(new byte[32]);
        using var value = SecretValue.Of("x").Value;

        var refusal = _bench.Open().Get(_bench.Uri("acme/_/p/a"), null).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

        refusal.Message.ShouldContain("another key");
        refusal.Details.ShouldContain(detail => detail.Value.Contains("GREENTIC_SECRETS_MASTER_KEY", StringComparison.Ordinal));
        _bench.Open().Put(_bench.Uri("acme/_/p/b"), value).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        _bench.Open().List().Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    [Fact]
    public void A_lost_key_is_refused_and_no_other_is_made()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        File.Delete(_bench.KeyPath);
        using var value = SecretValue.Of("x").Value;

        _bench.Open().Get(_bench.Uri("acme/_/p/a"), null).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain(_bench.KeyPath);
        _bench.Open().Put(_bench.Uri("acme/_/p/b"), value).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

        File.Exists(_bench.KeyPath).ShouldBeFalse();
    }

    [Fact]
    public void A_key_that_others_may_touch_is_refused()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        File.SetUnixFileMode(_bench.KeyPath, AtomicFile.Private | UnixFileMode.GroupRead);
        _bench.Open().List().Refusal.ShouldBeOfType<Refusal.StoreFailed>().Next.ShouldBe($"chmod 600 {_bench.KeyPath}");

        File.SetUnixFileMode(_bench.KeyPath, AtomicFile.Private);
        File.Move(_bench.KeyPath, _bench.KeyPath + ".real");
        File.CreateSymbolicLink(_bench.KeyPath, _bench.KeyPath + ".real");
        _bench.Open().List().Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("symbolic link");
    }

    [Fact]
    public void A_mounted_key_may_be_a_link_that_the_group_reads()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        var mounted = _bench.Workbench.Folder["mounted"];
        File.Move(_bench.KeyPath, mounted + ".data");
        File.CreateSymbolicLink(mounted, mounted + ".data");
        File.SetUnixFileMode(mounted, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        _bench.Variables["GREENTIC_SECRETS_MASTER_KEY_FILE"] = mounted;
        _bench.Text("acme/_/p/a").ShouldBe("hunter2");

        File.SetUnixFileMode(mounted, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        _bench.Open().List().Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("open to others");
    }

    [Fact]
    public void A_key_may_come_in_a_variable()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        _bench.Variables["GREENTIC_SECRETS_MASTER_KEY"] = File.ReadAllText(_bench.KeyPath);
        File.Delete(_bench.KeyPath);
        _bench.Text("acme/_/p/a").ShouldBe("hunter2");
    }

    [Theory]
    [InlineData("short")]
    [InlineData("hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2")]
    public void What_is_no_key_is_refused_without_being_quoted(string text)
    {
        _bench.Variables["GREENTIC_SECRETS_MASTER_KEY"] = text;
        using var value = SecretValue.Of("x").Value;
        var refusal = _bench.Open().Put(_bench.Uri("acme/_/p/a"), value).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        refusal.Message.ShouldContain("holds no key");
        refusal.ToString().ShouldNotContain(text);
    }

    [Fact]
    public void The_existing_runtime_cannot_take_a_sealed_record_for_one_of_its_own()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        var record = new ExistingRuntime(_bench.FilePath).State()["secrets"]![0]!["versions"]![0]!["record"]!;
        record["envelope"]!["algorithm"]!.ToString().ShouldBe("gtc-sealed-v1");
    }

    [Fact]
    public void A_file_that_is_not_sealed_is_not_believed()
    {
        // Otherwise whoever may write the file could plant values of their own.
        new ExistingRuntime(_bench.FilePath).Put("secrets://prod/acme/_/p/a", "planted");
        _bench.Open().Get(_bench.Uri("acme/_/p/a"), null).Refusal.ShouldBeOfType<Refusal.Conflict>().Next.ShouldBe("gtc op secrets seal prod");
    }

    [Fact]
    public void A_record_cannot_be_moved_to_another_secret_or_version()
    {
        _bench.Put("acme/_/p/a", "one");
        _bench.Put("acme/_/p/a", "two");
        var key = Convert.FromBase64String(File.ReadAllText(_bench.KeyPath));
        using var cipher = new SealedCipher(key, "test", _bench.Workbench.Count);
        var state = SecretsFileText.Parse(File.ReadAllBytes(_bench.FilePath)).Decode();
        var (first, second) = (state.Secrets[0].Versions[0].Record!, state.Secrets[0].Versions[1].Record!);
        var uri = state.Secrets[0].Key;
        cipher.Decrypt(first, uri, 1).ShouldBe("one"u8.ToArray());

        cipher.Decrypt(first, uri, 2).ShouldBeNull();
        cipher.Decrypt(first, uri + "x", 1).ShouldBeNull();
        cipher.Decrypt(first with { Meta = first.Meta with { Uri = uri + "x" } }, uri + "x", 1).ShouldBeNull();
        cipher.Decrypt(first with { Meta = first.Meta with { ContentType = "json" } }, uri, 1).ShouldBeNull();
        cipher.Decrypt(first with { Envelope = second.Envelope }, uri, 1).ShouldBeNull();
        cipher.Decrypt(first with { Value = second.Value }, uri, 1).ShouldBeNull();
    }

    [Fact]
    public async Task Sealing_rewrites_what_is_there_and_says_so_in_the_answers()
    {
        using var bench = new SecretBench("prod", """{"allow_default_key":false,"note":"kept"}""");
        var theirs = new ExistingRuntime(bench.FilePath);
        theirs.Put("secrets://prod/acme/_/p/a", "one");
        theirs.Put("secrets://prod/acme/_/p/a", "two");
        theirs.Put("secrets://prod/acme/_/p/b", "three");
        theirs.Delete("secrets://prod/acme/_/p/b");
        await bench.Workbench.CreateAsync("prod");

        (await bench.SealAsync()).Value.ShouldNotBeNull();

        var store = bench.Open();
        store.IsSealed.ShouldBeTrue();
        store.Warnings.ShouldBeEmpty();
        bench.Text("acme/_/p/a").ShouldBe("two");
        bench.Text("acme/_/p/a", version: 1).ShouldBe("one");
        bench.Read("acme/_/p/b").ShouldBeOfType<SecretReading.Absent>();
        bench.Document.Packs[0].Generation.ShouldBe(1ul);
        JsonNode.Parse(File.ReadAllText(Path.Combine(bench.Layout.Folder, "answers.json")))!.ToJsonString()
            .ShouldBe("""{"allow_default_key":false,"mode":"sealed","note":"kept"}""");
        File.ReadAllText(bench.FilePath).ShouldStartWith("# gtc-sealed-v1 key=");

        var before = File.ReadAllText(bench.FilePath);
        (await bench.SealAsync()).Value.ShouldBeNull("it is sealed already");
        File.ReadAllText(bench.FilePath).ShouldBe(before);
    }

    [Fact]
    public async Task An_environment_without_answers_gets_some()
    {
        using var bench = new SecretBench("prod");
        await bench.Workbench.CreateAsync("prod");

        (await bench.SealAsync()).IsOk.ShouldBeTrue();

        bench.Document.Packs[0].AnswersRef.ShouldBe("env-packs/secrets/answers.json");
        bench.Open().IsSealed.ShouldBeTrue();
        bench.Put("acme/_/p/a", "x");
        bench.Text("acme/_/p/a").ShouldBe("x");
    }

    [Fact]
    public async Task Sealing_that_broke_off_before_the_answers_is_taken_up_again()
    {
        using var bench = new SecretBench("prod");
        bench.Put("acme/_/p/a", "x");
        await bench.Workbench.CreateAsync("prod");
        var unsealed = bench.Document;
        await bench.SealAsync();
        bench.Document = unsealed;
        bench.Open().List().Refusal.ShouldBeOfType<Refusal.Conflict>().Next.ShouldBe("gtc op secrets seal prod");

        (await bench.SealAsync()).Value.ShouldNotBeNull();

        bench.Text("acme/_/p/a").ShouldBe("x");
    }

    [Fact]
    public async Task What_cannot_be_decrypted_is_not_sealed_away()
    {
        using var bench = new SecretBench("prod");
        bench.Variables["GREENTIC_DEV_MASTER_KEY"] = "one";
        bench.Put("acme/_/p/a", "x");
        bench.Variables["GREENTIC_DEV_MASTER_KEY"] = "two";
        await bench.Workbench.CreateAsync("prod");
        var before = File.ReadAllBytes(bench.FilePath);

        (await bench.SealAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("cannot be decrypted");

        File.ReadAllBytes(bench.FilePath).ShouldBe(before);
    }

    [Fact]
    public void Equal_values_do_not_look_alike()
    {
        _bench.Put("acme/_/p/a", "hunter2");
        _bench.Put("acme/_/p/b", "hunter2");
        var state = SecretsFileText.Parse(File.ReadAllBytes(_bench.FilePath)).Decode();
        var (a, b) = (state.Secrets[0].Versions[0].Record!, state.Secrets[1].Versions[0].Record!);
        a.Value.ShouldNotBe(b.Value);
        a.Envelope.WrappedDek.ShouldNotBe(b.Envelope.WrappedDek);
        Encoding.Latin1.GetString(File.ReadAllBytes(_bench.FilePath)).ShouldNotContain("hunter2");
    }
}
