using System.Text;
using System.Text.Json.Serialization.Metadata;
using Gtc.Cli.Op;
using Gtc.Cli.Op.Messaging;
using Gtc.Cli.Payloads;
using Gtc.Model;

namespace Gtc.Cli.Tests.Payloads;

public class Real_payloads_survive_damaged_answers
{
    private static readonly (string Sound, Func<ReadOnlyMemory<byte>, Refusal?> Read)[] Verbs =
    [
        Verb(OpJson.Default.CreatePayload, """{"environment_id":"e","name":"n","region":"r","tenant_org_id":"t","listen_addr":"127.0.0.1:1","public_base_url":"https://a.test"}"""),
        Verb(OpJson.Default.AddDeploymentPayload, """{"bundle_id":"b","customer_id":"c","route_binding":{"hosts":["h"],"path_prefixes":["/"],"tenant_selector":{"tenant":"t","team":"u"}},"revenue_share":[{"party_id":"p","basis_points":10000}],"config_overrides":{"p":{"k":[1,null,{"x":"y"}]}}}"""),
        Verb(OpJson.Default.StagePayload, """{"deployment_id":"d","bundle_source_uri":"http://h/b","bundle_digest":"sha256:00","pack_list":[{"pack_id":"p","version":"1.0.0","digest":"sha256:00","source_uri":"oci://r/p"}],"drain_seconds":30}"""),
        Verb(OpJson.Default.SetTrafficPayload, """{"deployment_id":"d","entries":[{"revision_id":"r","weight_bps":9000},{"revision_id":"s","weight_percent":10}],"updated_by":"o","idempotency_key":"k"}"""),
        Verb(OpJson.Default.WarmPayload, """{"environment_id":"e","revision_id":"r","idempotency_key":"k"}"""),
        Verb(OpJson.Default.ArchivePayload, """{"environment_id":"e","revision_id":"r","force":true,"updated_by":"o","idempotency_key":"k"}"""),
        Verb(OpJson.Default.CollectPayload, """{"environment_id":"e","keep":3,"dry_run":false,"idempotency_key":"k"}"""),
        Verb(OpJson.Default.UpdateDeploymentPayload, """{"deployment_id":"d","status":"paused","route_binding":{"hosts":["h"],"path_prefixes":[],"tenant_selector":{"team":"u"}},"revenue_share":[{"party_id":"p","basis_points":10000}],"config_overrides":{"p":{"k":[1]}}}"""),
        Verb(OpJson.Default.RemoveDeploymentPayload, """{"deployment_id":"d","force":true,"idempotency_key":"k"}"""),
        Verb(MessagingJson.Default.AddEndpointPayload, """{"provider_type":"t","provider_id":"i","display_name":"n","secret_refs":["secret://e/t/_/c/n"],"webhook_secret_ref":"secret://e/t/_/c/n","updated_by":"o"}"""),
        Verb(MessagingJson.Default.WelcomePayload, """{"endpoint_id":"i","bundle_id":"b","pack_id":"p","flow_id":"f","updated_by":"o","idempotency_key":"k"}"""),
    ];

    [Fact]
    public void Twenty_thousand_of_them()
    {
        var random = new Random(7);
        var read = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var (sound, parse) = Verbs[round % Verbs.Length];
            var bytes = Encoding.UTF8.GetBytes(sound).ToList();
            for (var edit = random.Next(1, 4); edit > 0; edit--)
            {
                Damage(bytes, random);
            }

            var refusal = parse(bytes.ToArray());
            if (refusal is null)
            {
                read++;
                continue;
            }

            refusal.ShouldBeAssignableTo<Refusal>();
            ErrorKinds.Of(refusal).ShouldBeOneOf("answers-parse", "invalid-argument");
            refusal.Message.ShouldNotContain("Gtc.");
        }

        read.ShouldBeInRange(500, 15_000);
    }

    [Fact]
    public void The_sound_ones_are_read()
    {
        foreach (var (sound, parse) in Verbs)
        {
            parse(Encoding.UTF8.GetBytes(sound)).ShouldBeNull(sound);
        }
    }

    [Fact]
    public void An_unknown_member_is_refused_with_its_path_at_every_level()
    {
        foreach (var (sound, parse) in Verbs)
        {
            for (var at = sound.IndexOf('{', StringComparison.Ordinal); at >= 0; at = sound.IndexOf('{', at + 1))
            {
                var damaged = sound.Insert(at + 1, "\"surprise\":1,");
                var refusal = parse(Encoding.UTF8.GetBytes(damaged));
                if (refusal is null)
                {
                    sound[..at].ShouldContain("config_overrides", Case.Sensitive, damaged);
                }
                else if (!refusal.Message.Contains("must be", StringComparison.Ordinal))
                {
                    refusal.ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain("surprise`");
                }
            }
        }
    }

    private static (string Sound, Func<ReadOnlyMemory<byte>, Refusal?> Read) Verb<T>(JsonTypeInfo<T> type, string sound)
        where T : class =>
        (sound, bytes => AnswersFile.Parse("a.json", bytes).Then(value => PayloadReader.Read(value, type, "example")).Refusal);

    private static void Damage(List<byte> bytes, Random random)
    {
        const string Interesting = "{}[]\",:\\0-9eEtrufalsn_";
        var at = random.Next(bytes.Count);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes[at] = (byte)Interesting[random.Next(Interesting.Length)];
                break;
            case 2 when bytes.Count > 1:
                bytes.RemoveAt(at);
                break;
            default:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                break;
        }
    }
}
