using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests;

public sealed class Secrets_that_the_cluster_has
{
    private const string External = """{"external_secrets":["acme/_/crm/token=prod/crm#token","acme/eu/crm/url=prod/crm/url"],"external_secrets_store":"vault"}""";

    [Fact]
    public void A_key_of_a_secret_becomes_the_variable_of_its_reference()
    {
        var rendered = WithWorker("""{"secret_env":"acme/_/billing/api_key=billing.test/api.key"}""");
        var variable = rendered.Worker(Rendered.First).Spec.Template.Spec.Containers[0].Env!.Value[^1];
        variable.Name.ShouldBe(SecretUri.Parse("secret://local/acme/_/billing/api_key").Value.EnvironmentVariable);
        (variable.Value, variable.ValueFrom!.SecretKeyRef!.Name, variable.ValueFrom.SecretKeyRef.Key).ShouldBe((null, "billing.test", "api.key"));
        rendered.Objects().Length.ShouldBe(14, "the Secret is somebody else's");
        KubeJson.ToElement(rendered.Find<Deployment>("gtc-router")).GetRawText().ShouldNotContain("billing");
    }

    [Fact]
    public void An_external_store_is_asked_for_and_what_it_gives_is_mounted()
    {
        var rendered = WithWorker(External);
        rendered.Objects().Length.ShouldBe(15);
        var spec = rendered.Find<ExternalSecret>("gtc-external-secrets").Spec;
        (spec.SecretStoreRef.Kind, spec.SecretStoreRef.Name, spec.RefreshInterval, spec.Target.Name).ShouldBe(("SecretStore", "vault", "1h", "gtc-external-secrets"));
        spec.Data.Select(value => (value.SecretKey, value.RemoteRef.Key, value.RemoteRef.Property)).ShouldBe(
            [("GREENTIC_SECRET__LOCAL__ACME_____CRM__TOKEN", "prod/crm", "token"), ("GREENTIC_SECRET__LOCAL__ACME__EU__CRM__URL", "prod/crm/url", null)]);
        var pod = rendered.Worker(Rendered.First).Spec.Template.Spec;
        pod.Containers[0].Env!.Value.Single(variable => variable.Name == "GREENTIC_SECRETS_FOLDER").Value.ShouldBe(pod.Containers[0].VolumeMounts!.Value.Single(mount => mount.Name == "external-secrets").MountPath);
        pod.Volumes!.Value.Single(volume => volume.Name == "external-secrets").Secret!.ShouldSatisfyAllConditions(secret => secret.SecretName.ShouldBe("gtc-external-secrets"), secret => secret.Optional.ShouldBeNull());
        KubeJson.ToElement(rendered.Find<Deployment>("gtc-router")).GetRawText().ShouldNotContain("external-secrets");
    }

    [Fact]
    public void A_store_of_the_whole_cluster_is_named_with_its_kind()
    {
        var spec = WithWorker("""{"external_secrets":"acme/_/crm/token=crm","external_secrets_store":"ClusterSecretStore/vault","external_secrets_refresh":"15m"}""").Find<ExternalSecret>("gtc-external-secrets").Spec;
        (spec.SecretStoreRef.Kind, spec.SecretStoreRef.Name, spec.RefreshInterval).ShouldBe(("ClusterSecretStore", "vault", "15m"));
    }

    [Theory]
    [InlineData("""{"secret_env":"acme/_/billing/api_key"}""", "secret_env")]
    [InlineData("""{"secret_env":"acme/_/billing/api_key=billing"}""", "secret_env")]
    [InlineData("""{"secret_env":"acme/_/billing/api_key=Billing/key"}""", "secret_env")]
    [InlineData("""{"secret_env":"acme/_/billing/api_key=billing/a key"}""", "secret_env")]
    [InlineData("""{"secret_env":"billing/api_key=billing/key"}""", "secret_env")]
    [InlineData("""{"secret_env":["acme/_/a-b/key=one/key","acme/_/a.b/key=two/key"]}""", "same secret")]
    [InlineData("""{"secret_env":"acme/_/crm/token=crm/token","external_secrets":"acme/_/crm/token=crm","external_secrets_store":"vault"}""", "same secret")]
    [InlineData("""{"external_secrets":"acme/_/crm/token=crm"}""", "external_secrets_store")]
    [InlineData("""{"external_secrets_store":"vault"}""", "external_secrets")]
    [InlineData("""{"external_secrets_refresh":"1h"}""", "external_secrets")]
    [InlineData("""{"external_secrets":"acme/_/crm/token=crm#","external_secrets_store":"vault"}""", "external_secrets")]
    [InlineData("""{"external_secrets":"acme/_/crm/token=crm","external_secrets_store":"Other/vault"}""", "external_secrets_store")]
    [InlineData("""{"external_secrets":"acme/_/crm/token=crm","external_secrets_store":"vault","external_secrets_refresh":"often"}""", "external_secrets_refresh")]
    public void What_cannot_be_is_refused_by_name(string answers, string named) => WithWorker(answers).Try().Refusal.ShouldNotBeNull().Message.ShouldContain(named);

    [Fact]
    public void A_name_that_no_key_can_hold_is_refused_when_it_is_rendered()
    {
        var segment = new string('a', 100);
        WithWorker($$"""{"secret_env":"{{segment}}/_/{{segment}}/{{segment}}=one/key"}""").Try().Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("253");
    }

    private static Rendered WithWorker(string answers) => new Rendered { Answers = answers }.With(Rendered.First, RevisionLifecycle.Ready);
}
