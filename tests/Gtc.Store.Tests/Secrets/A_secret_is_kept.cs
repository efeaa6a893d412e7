using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

public sealed class A_secret_is_kept : IDisposable
{
    private readonly SecretBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_rotation_is_a_new_version_and_the_previous_one_is_kept()
    {
        _bench.Put("acme/_/p/a", "one");
        using var two = SecretValue.Of("two").Value;

        _bench.Open().Rotate(_bench.Uri("acme/_/p/a"), two).Value.ShouldBe(new SecretVersion(2, 1));

        _bench.Text("acme/_/p/a").ShouldBe("two");
        _bench.Text("acme/_/p/a", version: 1).ShouldBe("one");
        _bench.Read("acme/_/p/a", version: 3).ShouldBeOfType<SecretReading.Absent>();
    }

    [Fact]
    public void What_is_absent_is_not_rotated()
    {
        using var value = SecretValue.Of("x").Value;
        _bench.Open().Rotate(_bench.Uri("acme/_/p/a"), value).Refusal.ShouldBeOfType<Refusal.Missing>();
        Directory.Exists(_bench.Layout.Folder).ShouldBeFalse("asking leaves nothing behind");
    }

    [Fact]
    public void A_deleted_secret_is_absent_until_it_is_written_again()
    {
        _bench.Put("acme/_/p/a", "one");
        var uri = _bench.Uri("acme/_/p/a");

        _bench.Open().Delete(uri).Value.ShouldBe(new SecretVersion(2, 1));
        _bench.Read("acme/_/p/a").ShouldBeOfType<SecretReading.Absent>();
        _bench.Open().List().Value.ShouldBeEmpty();
        _bench.Open().Delete(uri).Value.ShouldBeNull();

        _bench.Put("acme/_/p/a", "three").ShouldBe(new SecretVersion(3, null));
        _bench.Text("acme/_/p/a").ShouldBe("three");
    }

    [Fact]
    public void Names_are_listed_without_values()
    {
        _bench.Put("b/_/p/n", "1");
        _bench.Put("a/_/p/n", "2");
        _bench.Put("a/_/p/n", "3");

        _bench.Open().List().Value.ShouldBe([new("secrets://local/a/_/p/n", 2), new("secrets://local/b/_/p/n", 1)]);
    }

    [Fact]
    public void Any_bytes_come_back_as_they_were() => Prop.ForAll<byte[]>(bytes =>
    {
        if (bytes is not { Length: > 0 })
        {
            return SecretValue.Of(bytes ?? []).Refusal is Refusal.InvalidArgument;
        }

        using var value = SecretValue.Of(bytes).Value;
        _bench.Open().Put(_bench.Uri("acme/_/p/a"), value).IsOk.ShouldBeTrue();
        using var found = _bench.Read("acme/_/p/a").ShouldBeOfType<SecretReading.Found>().Value;
        return found.Bytes.SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_value_is_bounded()
    {
        SecretValue.Of(new byte[SecretValue.MaxBytes]).IsOk.ShouldBeTrue();
        SecretValue.Of(new byte[SecretValue.MaxBytes + 1]).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        SecretValue.Of("").Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
    }

    [Fact]
    public void A_value_does_not_show_itself_and_is_overwritten()
    {
        var value = SecretValue.Of("hunter2").Value;
        value.ToString().ShouldBe("(hidden)");
        new SecretReading.Found(1, value).ToString().ShouldNotContain("hunter2");
        value.Dispose();
        value.Bytes.ToArray().ShouldBe(new byte[7]);
    }

    [Fact]
    public void Text_is_told_from_other_bytes()
    {
        using var binary = SecretValue.Of([0xff, 0xfe]).Value;
        binary.IsText.ShouldBeFalse();
        _bench.Open().Put(_bench.Uri("acme/_/p/a"), binary).IsOk.ShouldBeTrue();
        new ExistingRuntime(_bench.FilePath).State()["secrets"]![0]!["versions"]![0]!["record"]!["meta"]!["contentType"]!.ToString().ShouldBe("binary");
    }

    [Fact]
    public void Absent_is_not_the_same_as_undecryptable()
    {
        _bench.Variables["GREENTIC_DEV_MASTER_KEY"] = "one";
        _bench.Put("acme/_/p/a", "hunter2");
        _bench.Variables["GREENTIC_DEV_MASTER_KEY"] = "two";

        _bench.Read("acme/_/p/b").ShouldBeOfType<SecretReading.Absent>();
        var why = _bench.Read("acme/_/p/a").ShouldBeOfType<SecretReading.Undecryptable>().Why;

        why.Message.ShouldContain("cannot be decrypted");
        why.Details.ShouldContain(detail => detail.Value.Contains("GREENTIC_DEV_MASTER_KEY", StringComparison.Ordinal));
        why.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void Without_a_binding_there_is_nowhere_to_keep_secrets()
    {
        _bench.Document = _bench.Document with { Packs = [] };
        var refusal = _bench.TryOpen().Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Next.ShouldBe("gtc op env init");
    }

    [Fact]
    public void An_env_pack_that_is_not_known_is_refused()
    {
        PackDescriptor.TryParse("acme.secrets.vault@1.0.0", out var kind).ShouldBeTrue();
        _bench.Document = _bench.Document with { Packs = [_bench.Document.Packs[0] with { Kind = kind }] };
        _bench.TryOpen().Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("acme.secrets.vault@1.0.0");
    }

    [Fact]
    public void The_default_key_outside_local_is_warned_of()
    {
        using var prod = new SecretBench("prod");
        prod.Open().Warnings.ShouldHaveSingleItem().ShouldContain("everybody knows");
        _bench.Open().Warnings.ShouldBeEmpty();

        prod.Variables["GREENTIC_DEV_MASTER_KEY"] = "";
        prod.Open().Warnings.ShouldHaveSingleItem("an empty pass phrase is the default one");
        prod.Variables["GREENTIC_DEV_MASTER_KEY"] = "ours";
        prod.Open().Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void An_environment_may_forbid_the_default_key()
    {
        using var prod = new SecretBench("prod", """{"allow_default_key":false}""");
        using var value = SecretValue.Of("x").Value;
        var refusal = prod.Open().Put(prod.Uri("acme/_/p/a"), value).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Message.ShouldContain("forbids");
        refusal.Next.ShouldBe("gtc op secrets seal prod");

        new ExistingRuntime(prod.FilePath).Put("secrets://prod/acme/_/p/a", "theirs");
        prod.Open().Get(prod.Uri("acme/_/p/a"), null).Refusal.ShouldBeOfType<Refusal.Conflict>();

        prod.Variables["GREENTIC_DEV_MASTER_KEY"] = "ours";
        prod.Put("acme/_/p/b", "x");
        prod.Text("acme/_/p/b").ShouldBe("x");
        prod.Open().Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"mode":"open"}""", "mode")]
    [InlineData("""{"mode":7}""", "mode")]
    [InlineData("""{"allow_default_key":"no"}""", "allow_default_key")]
    [InlineData("[]", "object")]
    [InlineData("{", "cannot be read")]
    public void Answers_that_are_not_understood_are_refused(string answers, string expected)
    {
        using var bench = new SecretBench(answers: answers);
        bench.TryOpen().Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("../answers.json")]
    [InlineData("gone.json")]
    public void Answers_that_are_not_there_are_refused(string reference)
    {
        _bench.Document = _bench.Document with { Packs = [_bench.Document.Packs[0] with { AnswersRef = reference }] };
        _bench.TryOpen().Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void A_file_that_others_may_read_is_warned_of_and_closed()
    {
        new ExistingRuntime(_bench.FilePath).Put("secrets://local/acme/_/p/a", "theirs");
        File.SetUnixFileMode(_bench.FilePath, AtomicFile.Private | UnixFileMode.OtherRead);
        _bench.Open().Warnings.ShouldHaveSingleItem().ShouldContain("open to others");

        _bench.Put("acme/_/p/b", "ours");

        _bench.Open().Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense", "neither a comment nor")]
    [InlineData("SECRETS_BACKEND_STATE=!!!!", "base64")]
    [InlineData("SECRETS_BACKEND_STATE=", "no state")]
    [InlineData("# nothing", "no state")]
    [InlineData("SECRETS_BACKEND_STATE=e30=", "base64")]
    [InlineData("SECRETS_BACKEND_STATE=e30", "cannot be read")]
    [InlineData("SECRETS_BACKEND_STATE=bnVsbA", "null")]
    [InlineData("SECRETS_BACKEND_STATE=e30\nSECRETS_BACKEND_STATE=e30", "two states")]
    public void A_broken_file_is_refused_and_not_overwritten(string content, string expected)
    {
        _bench.WriteFile(Encoding.UTF8.GetBytes(content));
        using var value = SecretValue.Of("x").Value;

        _bench.Open().Get(_bench.Uri("acme/_/p/a"), null).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain(expected);
        _bench.Open().List().Refusal.ShouldBeOfType<Refusal.StoreFailed>();
        _bench.Open().Put(_bench.Uri("acme/_/p/a"), value).Refusal.ShouldBeOfType<Refusal.StoreFailed>();

        File.ReadAllText(_bench.FilePath).ShouldBe(content);
    }

    [Theory]
    [InlineData("""{"secrets":[{"key":"k","versions":[]}]}""")]
    [InlineData("""{"secrets":[null]}""")]
    [InlineData("""{"secrets":[{"key":"k","versions":[{"version":2,"deleted":true,"record":null}]}]}""")]
    [InlineData("""{"secrets":[{"key":"k","versions":[{"version":1,"deleted":false,"record":null}]}]}""")]
    [InlineData("""{"secrets":[{"key":"k","versions":[{"version":1,"deleted":true,"record":null}]},{"key":"k","versions":[{"version":1,"deleted":true,"record":null}]}]}""")]
    [InlineData("""{"secrets":[{"key":"k","versions":[{"version":1,"deleted":false,"record":{"meta":{"uri":"other","visibility":"team","contentType":"text"},"value":[],"envelope":{"algorithm":"aes256gcm","nonce":[],"hkdf_salt":[],"wrapped_dek":[]}}}]}]}""")]
    [InlineData("""{"secrets":[{"key":"k","versions":[{"version":1,"deleted":false,"record":{"meta":{"uri":"k","visibility":"all","contentType":"text"},"value":[],"envelope":{"algorithm":"aes256gcm","nonce":[],"hkdf_salt":[],"wrapped_dek":[]}}}]}]}""")]
    [InlineData("""{"secrets":[{"key":"k","versions":[{"version":1,"deleted":false,"record":{"meta":{"uri":"k","visibility":"team","contentType":"text"},"value":[256],"envelope":{"algorithm":"aes256gcm","nonce":[],"hkdf_salt":[],"wrapped_dek":[]}}}]}]}""")]
    public void A_state_that_breaks_a_rule_is_refused(string json)
    {
        _bench.WriteState(json);
        _bench.Open().List().Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("broken");
    }

    [Fact]
    public void An_empty_file_holds_no_secrets()
    {
        _bench.WriteFile([]);
        _bench.Open().List().Value.ShouldBeEmpty();
        _bench.Put("acme/_/p/a", "x").Number.ShouldBe(1u);
    }

    [Fact]
    public void A_read_only_place_can_be_read()
    {
        _bench.Put("acme/_/p/a", "x");
        var store = _bench.Open(new FaultyCalls { Only = "flock", Errno = Errno.ReadOnlyFileSystem });

        using var value = store.Get(_bench.Uri("acme/_/p/a"), null).Value.ShouldBeOfType<SecretReading.Found>().Value;

        value.Reveal().ShouldBe("x");
    }
}
