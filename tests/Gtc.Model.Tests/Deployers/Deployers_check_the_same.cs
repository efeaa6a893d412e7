namespace Gtc.Model.Tests.Deployers;

public class Deployers_check_the_same
{
    private static readonly EnvironmentDocument Empty = EnvironmentVerbs.CreateLocal();

    [Fact]
    public void What_is_not_there_has_a_name_and_a_kind()
    {
        Ulid.TryParse("01J9ZK3V7T5W8Q2R4N6M0P1XYZ", out var id).ShouldBeTrue();
        var revision = DeployerChecks.Find(Empty, new RevisionId(id)).Refusal.ShouldBeOfType<DeployerRefusal.RevisionNotFound>();
        (revision.Environment, ErrorKinds.Of(revision)).ShouldBe((EnvId.Local, "not-found"));
        revision.Message.ShouldContain("01J9ZK3V7T5W8Q2R4N6M0P1XYZ");
        var split = DeployerChecks.Find(Empty, new DeploymentId(id)).Refusal.ShouldBeOfType<DeployerRefusal.SplitNotFound>();
        ErrorKinds.Of(split).ShouldBe("not-found");
        ErrorKinds.Of(new DeployerRefusal.InvalidSplit(new DeploymentId(id), 9_999)).ShouldBe("spec");
        ErrorKinds.Of(new DeployerRefusal.Provider("away")).ShouldBe("provider");
    }
}
