using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

public sealed class A_worker_finds_its_secrets : IDisposable
{
    private const string Path = "acme/_/crm/token";

    private readonly SecretBench _bench = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-secrets-").FullName;

    public void Dispose()
    {
        _bench.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_nearest_one_counts()
    {
        _bench.Put(Path, "stored");
        Find().ShouldBe("stored");

        _bench.Variables[SecretSource.FolderVariable] = _folder;
        Find().ShouldBe("stored", "there is no file of it");
        Mount("mounted");
        Find().ShouldBe("mounted");

        _bench.Variables[_bench.Uri(Path).EnvironmentVariable] = "given";
        Find().ShouldBe("given");
    }

    [Fact]
    public void A_mounted_file_is_read_each_time_since_the_cluster_changes_it()
    {
        _bench.Variables[SecretSource.FolderVariable] = _folder;
        Mount("one");
        Find().ShouldBe("one");
        Mount("two");
        Find().ShouldBe("two");
    }

    [Fact]
    public void What_the_cluster_gives_needs_no_store()
    {
        _bench.Document = _bench.Document with { Packs = [] };
        Try().Refusal.ShouldBeOfType<Refusal.Conflict>();
        _bench.Variables[SecretSource.FolderVariable] = _folder;
        Mount("mounted");
        Find().ShouldBe("mounted");
    }

    [Fact]
    public void One_that_is_nowhere_is_no_failure() => Find().ShouldBeNull();

    [Fact]
    public void A_file_without_bounds_is_refused()
    {
        _bench.Variables[SecretSource.FolderVariable] = _folder;
        Mount(new string('a', SecretValue.MaxBytes + 1));
        Try().Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("the most is");
        Mount("");
        Try().Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldContain("empty");
    }

    private void Mount(string value) => File.WriteAllText(System.IO.Path.Combine(_folder, _bench.Uri(Path).EnvironmentVariable), value);

    private Outcome<SecretValue?> Try() => new SecretSource(_bench.Document, _bench.Layout, _bench.Access).Find(_bench.Uri(Path));

    private string? Find()
    {
        using var value = Try().Value;
        return value?.Reveal();
    }
}
