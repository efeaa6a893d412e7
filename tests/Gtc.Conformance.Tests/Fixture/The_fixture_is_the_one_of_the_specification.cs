using Gtc.Model;

namespace Gtc.Conformance.Tests;

public sealed class The_fixture_is_the_one_of_the_specification
{
    [Fact]
    [Trait("fact", "deployers-and-conformance:16.7")]
    public void Its_projection_has_three_elements_in_order()
    {
        var projected = RuntimeProjection.Project(ConformanceFixture.Environment());

        projected.Revisions.Select(revision => (revision.RevisionId, revision.WeightBps)).ShouldBe(
            [(ConformanceFixture.RevisionA1, 5000u), (ConformanceFixture.RevisionA2, 5000u), (ConformanceFixture.RevisionB, 10000u)]);
    }

    [Fact]
    [Trait("fact", "deployers-and-conformance:16.8")]
    public void Its_ids_print_as_they_should()
    {
        ConformanceFixture.RevisionA1.ToString().ShouldBe("0000000000000000000000000G");
        ConformanceFixture.DeploymentA.ToString().ShouldBe("00000000000000000000000001");
        ConformanceFixture.UnknownRevision.ToString().ShouldBe("00000000000000000000001ZZZ");
    }

    [Fact]
    public void It_is_a_valid_environment() => EnvironmentRules.Validate(ConformanceFixture.Environment()).ShouldBeNull();
}
