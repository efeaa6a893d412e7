using System.Diagnostics;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Tests;

public sealed class An_operator_key_is_guarded : IDisposable
{
    private readonly TempFolder _folder = new();

    private string KeyPath => _folder["home/.greentic/operator/key.pem"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_variable_beats_the_home_and_without_both_there_is_no_place()
    {
        OperatorKeyFile.FindPath(name => name == "HOME" ? "/h" : null).Value.ShouldBe("/h/.greentic/operator/key.pem");
        OperatorKeyFile.FindPath(name => name == "HOME" ? "/h" : "/k.pem").Value.ShouldBe("/k.pem");
        OperatorKeyFile.FindPath(name => name == "HOME" ? "/h" : "").Value.ShouldBe("/h/.greentic/operator/key.pem");
        Rule(OperatorKeyFile.FindPath(_ => null).Refusal).ShouldBe("NoHome");
    }

    [Fact]
    public void A_key_is_made_once_for_its_owner_alone()
    {
        using var made = File().LoadOrGenerate().Value;
        using var loaded = File().LoadExisting().Value;

        loaded.KeyId.ShouldBe(made.KeyId);
        System.IO.File.GetUnixFileMode(KeyPath).ShouldBe(AtomicFile.Private);
        System.IO.File.GetUnixFileMode(Path.GetDirectoryName(KeyPath)!).ShouldBe(AtomicFile.Private | UnixFileMode.UserExecute);
        System.IO.File.ReadAllText(KeyPath + ".pub").ShouldBe(made.PublicKeyPem);
        System.IO.File.GetUnixFileMode(KeyPath + ".pub").HasFlag(UnixFileMode.OtherRead).ShouldBeTrue();
        Directory.GetFiles(Path.GetDirectoryName(KeyPath)!).Length.ShouldBe(2, "no temporary file stays");
    }

    [Fact]
    public void Loading_never_makes_a_key()
    {
        var refusal = File().LoadExisting().Refusal.ShouldBeOfType<Refusal.OperatorKeyFailed>();
        refusal.Message.ShouldContain(KeyPath);
        refusal.Next.ShouldBe("gtc op trust-root bootstrap");
        Directory.Exists(_folder["home"]).ShouldBeFalse();
    }

    [Theory]
    [Trait("fact", "trust-and-signing:6.14")]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_may_touch_is_refused(UnixFileMode more)
    {
        Make();
        System.IO.File.SetUnixFileMode(KeyPath, AtomicFile.Private | more);
        var refusal = File().LoadOrGenerate().Refusal;
        Rule(refusal).ShouldBe("InsecurePermissions");
        refusal!.Next.ShouldBe($"chmod 600 {KeyPath}");
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.14")]
    public void A_key_behind_a_link_is_refused()
    {
        Make();
        System.IO.File.CreateSymbolicLink(_folder["link.pem"], KeyPath);
        Rule(File(_folder["link.pem"]).LoadOrGenerate().Refusal).ShouldBe("NotRegularFile");

        Directory.CreateSymbolicLink(_folder["linked"], _folder["home/.greentic"]);
        Rule(File(_folder["linked/operator/key.pem"]).LoadOrGenerate().Refusal).ShouldBe("SymlinkInAncestor");
        Rule(File(_folder["linked/nowhere/key.pem"]).LoadOrGenerate().Refusal).ShouldBe("SymlinkInAncestor");
        Directory.Exists(_folder["home/.greentic/nowhere"]).ShouldBeFalse("nothing is made behind a link");

        System.IO.File.CreateSymbolicLink(_folder["dangling.pem"], _folder["absent"]);
        Rule(File(_folder["dangling.pem"]).LoadOrGenerate().Refusal).ShouldBe("NotRegularFile");
    }

    [Fact]
    public void A_folder_and_a_pipe_are_no_keys()
    {
        Directory.CreateDirectory(_folder["folder.pem"]);
        Rule(File(_folder["folder.pem"]).LoadOrGenerate().Refusal).ShouldBe("NotRegularFile");
        using var mkfifo = Process.Start("mkfifo", ["-m", "600", _folder["pipe.pem"]]);
        mkfifo.WaitForExit();
        Rule(File(_folder["pipe.pem"]).LoadOrGenerate().Refusal).ShouldBe("NotRegularFile");
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.14")]
    public void The_public_half_must_belong_to_the_key_and_comes_back_when_deleted()
    {
        Make();
        var good = System.IO.File.ReadAllText(KeyPath + ".pub");
        System.IO.File.Delete(KeyPath + ".pub");
        File().LoadExisting().Value.Dispose();
        System.IO.File.ReadAllText(KeyPath + ".pub").ShouldBe(good);

        using var other = Ed25519PrivateKey.FromSeed(new byte[32]);
        System.IO.File.WriteAllText(KeyPath + ".pub", other.PublicKey.ToPem());
        Rule(File().LoadExisting().Refusal).ShouldBe("StalePublicKey");
        System.IO.File.WriteAllText(KeyPath + ".pub", "nonsense");
        Rule(File().LoadExisting().Refusal).ShouldBe("KeyDecode");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public void A_key_that_cannot_be_read_is_refused_and_kept(string content)
    {
        Make();
        System.IO.File.WriteAllText(KeyPath, content);
        Rule(File().LoadOrGenerate().Refusal).ShouldBe("KeyDecode");
        System.IO.File.ReadAllText(KeyPath).ShouldBe(content);
    }

    [Fact]
    public void A_key_file_that_is_too_large_is_refused()
    {
        Make();
        System.IO.File.WriteAllText(KeyPath, new string('x', 20_000));
        Rule(File().LoadOrGenerate().Refusal).ShouldBe("KeyDecode");
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.15")]
    public async Task Many_that_make_the_key_at_once_get_the_same_one()
    {
        for (var round = 0; round < 20; round++)
        {
            var path = _folder[$"{round}/key.pem"];
            var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
                () =>
                {
                    using var key = File(path).LoadOrGenerate().Value;
                    return key.KeyId;
                },
                TestContext.Current.CancellationToken)));

            ids.Distinct().Count().ShouldBe(1);
            using var loaded = File(path).LoadExisting().Value;
            loaded.KeyId.ShouldBe(ids[0]);
        }
    }

    [Fact]
    public void Neither_errors_nor_text_hold_the_key()
    {
        Make();
        var secret = System.IO.File.ReadAllText(KeyPath).Split('\n')[1];
        using var key = File().LoadExisting().Value;
        key.ToString().ShouldBe($"operator key {key.KeyId} at {KeyPath}");
        System.IO.File.WriteAllText(KeyPath, System.IO.File.ReadAllText(KeyPath).Replace("BEGIN PRIVATE", "BEGIN SECRET", StringComparison.Ordinal));
        File().LoadExisting().Refusal!.ToString().ShouldNotContain(secret);
    }

    [Fact]
    public void A_machine_without_randomness_makes_no_key()
    {
        var file = new OperatorKeyFile(KeyPath, _ => throw new CryptographicException("no entropy"));
        Rule(file.LoadOrGenerate().Refusal).ShouldBe("Entropy");
        System.IO.File.Exists(KeyPath).ShouldBeFalse();
    }

    [Fact]
    public void An_error_of_the_disk_is_a_refusal_and_leaves_no_half_key()
    {
        for (var step = 1; step <= 5; step++)
        {
            var path = _folder[$"{step}/key.pem"];
            var file = new OperatorKeyFile(path, RandomNumberGenerator.Fill, new FaultyCalls { Step = step, Errno = Errno.NoSpace });
            Rule(file.LoadOrGenerate().Refusal).ShouldBe("Io");
            System.IO.File.Exists(path).ShouldBeFalse();
        }
    }

    private static string? Rule(Refusal? refusal) =>
        refusal.ShouldBeOfType<Refusal.OperatorKeyFailed>().Details.FirstOrDefault(detail => detail.Label == "rule").Value;

    private OperatorKeyFile File(string? path = null) => new(path ?? KeyPath, RandomNumberGenerator.Fill);

    private void Make() => File().LoadOrGenerate().Value.Dispose();
}
