using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Materialisation;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Materialisation;

public sealed class Pinned_packs_on_disk : IDisposable
{
    private const string LockRef = "revisions/r/pack-list.lock";
    private static readonly RevisionId Revision = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10]));
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-packs-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void All_of_them_hold()
    {
        Lock(Pack("a"), Pack("b"));
        var found = Check();
        found.Problems.ShouldBeEmpty();
        found.IsLockMissing.ShouldBeFalse();
        found.Packs.Select(pack => pack.Path).ShouldBe([Path.Combine(_folder, "packs/a.gtpack"), Path.Combine(_folder, "packs/b.gtpack")]);
    }

    [Fact]
    public void Every_problem_is_told_in_order()
    {
        Lock(Pack("a"), Pack("b"), Pack("c"), Pack("d"));
        File.Delete(Path.Combine(_folder, "packs/a.gtpack"));
        File.AppendAllText(Path.Combine(_folder, "packs/b.gtpack"), "x");
        File.Move(Path.Combine(_folder, "packs/c.gtpack"), Path.Combine(_folder, "packs/real"));
        File.CreateSymbolicLink(Path.Combine(_folder, "packs/c.gtpack"), Path.Combine(_folder, "packs/real"));
        var found = Check();
        found.Packs.Single().PackId.ShouldBe("d");
        found.Problems.Length.ShouldBe(3);
        found.Problems[0].ShouldBeOfType<Refusal.DigestMismatch>().Message.ShouldContain("is missing");
        found.Problems[1].ShouldBeOfType<Refusal.DigestMismatch>().Message.ShouldContain("is not the pinned one");
        found.Problems[2].ShouldBeOfType<Refusal.InvalidDocument>().Message.ShouldContain("symbolic link");
    }

    [Fact]
    public void A_lock_that_is_absent_is_no_problem_and_one_that_pins_nothing_is()
    {
        Check().ShouldSatisfyAllConditions(found => found.IsLockMissing.ShouldBeTrue(), found => found.Problems.ShouldBeEmpty());
        Lock();
        Check().Problems.Single().Message.ShouldContain("no pinned packs");
    }

    [Fact]
    public void A_lock_of_another_revision_or_outside_the_folder_is_refused()
    {
        Write(new PackListLock("01ARZ3NDEKTSV4RRFFQ69G5FAV", [Pack("a")]));
        Check().Problems.Single().ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("01ARZ3");
        PinnedPacks.Check(_folder, Revision, ["../pack-list.lock"], Token).Problems.Single().ShouldBeOfType<Refusal.InvalidDocument>();
        PinnedPacks.Check(_folder, Revision, ["revisions/r"], Token).Problems.Single().Message.ShouldContain("is a folder");
    }

    [Fact]
    public void Folders_are_listed_measured_and_removed_in_one_step()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "revisions", $"{Revision}", "bundle"));
        Directory.CreateDirectory(Path.Combine(_folder, "revisions", "notes"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "revisions", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), _folder);
        File.WriteAllBytes(Path.Combine(_folder, "revisions", $"{Revision}", "bundle", ".hidden"), new byte[5]);
        RevisionFolders.List(_folder).ShouldBe([Revision]);
        RevisionFolders.Size(_folder, Revision).ShouldBe(5);
        RevisionFolders.Remove(_folder, Revision);
        RevisionFolders.Remove(_folder, Revision);
        RevisionFolders.List(_folder).ShouldBeEmpty();
        RevisionFolders.Size(_folder, Revision).ShouldBe(0);
        RevisionFolders.List(Path.Combine(_folder, "absent")).ShouldBeEmpty();
    }

    private PinnedPacks Check() => PinnedPacks.Check(_folder, Revision, [LockRef], Token);

    private PinnedPack Pack(string id)
    {
        var path = Path.Combine(_folder, "packs", $"{id}.gtpack");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, id);
        return new(id, $"packs/{id}.gtpack", ContentDigest.OfFile(path, Token).Value);
    }

    private void Lock(params PinnedPack[] packs) => Write(new PackListLock(Revision.ToString(), [.. packs]));

    private void Write(PackListLock pins)
    {
        var path = Path.Combine(_folder, LockRef);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, pins.Write());
    }
}
