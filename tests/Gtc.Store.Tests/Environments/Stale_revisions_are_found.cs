using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class Stale_revisions_are_found : IDisposable
{
    private readonly Workbench _bench = new();

    private EnvironmentFiles Files => _bench.Store.Files(Workbench.Env("prod"));

    public void Dispose() => _bench.Dispose();

    [Theory, Trait("fact", "store:9.25")]
    [InlineData("../escape.lock")]
    [InlineData("/etc/absent.lock")]
    [InlineData("")]
    [InlineData("a/../../b")]
    [InlineData("a\\b")]
    public void A_reference_that_leaves_the_folder_is_invalid_whether_there_is_a_file_or_not(string reference) =>
        StaleRevisionScan.Classify(Files, reference).Value.ShouldBe(ReferenceState.Invalid);

    [Fact]
    public void What_is_missing_is_stale_and_what_is_no_file_of_the_folder_is_invalid()
    {
        Directory.CreateDirectory(_bench.Path("prod", "revisions/r"));
        File.WriteAllText(_bench.Path("prod", "revisions/r/pack-list.lock"), "{}");
        File.WriteAllText(_bench.Folder["outside"], "{}");
        File.CreateSymbolicLink(_bench.Path("prod", "revisions/r/out"), _bench.Folder["outside"]);
        Directory.CreateSymbolicLink(_bench.Path("prod", "elsewhere"), _bench.Folder.Path);

        State("revisions/r/pack-list.lock").ShouldBe(ReferenceState.Present);
        State("revisions/r/absent.lock").ShouldBe(ReferenceState.Stale);
        State("absent/pack-list.lock").ShouldBe(ReferenceState.Stale);
        State("revisions/r").ShouldBe(ReferenceState.Invalid);
        State("revisions/r/out").ShouldBe(ReferenceState.Invalid);
        State("elsewhere/outside").ShouldBe(ReferenceState.Invalid);
        State("revisions/r/pack-list.lock/x").ShouldBe(ReferenceState.Invalid);
    }

    private ReferenceState State(string reference) => StaleRevisionScan.Classify(Files, reference).Value;
}
