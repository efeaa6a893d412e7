namespace Gtc.Model.Tests.Diffs;

public sealed class Two_environments_differ
{
    [Fact]
    public void An_environment_does_not_differ_from_itself() =>
        EnvironmentDiff.Between(Sample.WithReadyRevisions(), Sample.WithReadyRevisions()).ShouldBeEmpty();

    [Fact]
    public void A_turn_of_the_dial_is_told_by_revision()
    {
        var a = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("1", (Sample.RevisionA, 9000), (Sample.RevisionB, 1000)), Sample.Now).Value.Document;
        var b = TrafficVerbs.Set(a, Sample.Traffic("2", (Sample.RevisionB, 10_000)), Sample.Now.AddDays(1)).Value.Document;
        EnvironmentDiff.Between(a, b).ShouldBe(
        [
            new EnvironmentChange(ChangeKind.Removed, $"deployments/main@local-dev/traffic/{Sample.RevisionA}", "9000", null),
            new EnvironmentChange(ChangeKind.Changed, $"deployments/main@local-dev/traffic/{Sample.RevisionB}", "1000", "10000"),
        ]);
        EnvironmentDiff.Between(b, a).Select(change => change.Kind).ShouldBe([ChangeKind.Added, ChangeKind.Changed]);
    }

    [Fact]
    public void Minted_ids_do_not_count_across_environments()
    {
        var prod = Built("prod", 40);
        var staging = Built("staging", 60);
        EnvironmentDiff.Between(prod, staging).ShouldBe([new EnvironmentChange(ChangeKind.Changed, "environment/name", "prod", "staging")]);
        var moved = EnvironmentVerbs.Update(staging, new UpdateEnvironment { Name = "prod", Region = FieldUpdate.Set("eu") }).Value;
        EnvironmentDiff.Between(prod, moved).ShouldBe([new EnvironmentChange(ChangeKind.Added, "host/region", null, "eu")]);
    }

    private static EnvironmentDocument Built(string id, byte seed)
    {
        var deployment = new DeploymentId(Sample.Id(seed));
        var revision = new RevisionId(Sample.Id((byte)(seed + 1)));
        var document = DeploymentVerbs.Add(Sample.Empty(id), Sample.AddCommand() with { DeploymentId = deployment }, Sample.Now.AddMinutes(seed)).Value.Document;
        document = RevisionVerbs.Stage(document, Sample.StageCommand(revision) with { DeploymentId = deployment }, Sample.Now).Value.Document;
        document = RevisionVerbs.Warm(document, revision, HealthGate.Passed, Sample.Now).Value.Document;
        document = TrafficVerbs.Set(document, Sample.Traffic($"k{seed}", (revision, 10_000)) with { DeploymentId = deployment }, Sample.Now).Value.Document;
        Outcome<string> provisioned = WebhookSecrets.Reference(document, new MessagingEndpointId(Sample.Id((byte)(seed + 2))), isDevStore: true);
        return MessagingVerbs.Add(document, new AddEndpoint
        {
            EndpointId = new MessagingEndpointId(Sample.Id((byte)(seed + 2))),
            ProviderId = "bot",
            ProviderType = "telegram",
            DisplayName = "Bot",
            SecretRefs = [$"secret://{id}/acme/_/x/y"],
            Provisioned = provisioned,
            UpdatedBy = "op",
        }, Sample.Now).Value.Document;
    }
}
