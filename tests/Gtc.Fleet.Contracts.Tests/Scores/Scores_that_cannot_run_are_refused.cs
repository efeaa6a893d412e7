using System.Text;

namespace Gtc.Fleet.Contracts.Tests.Scores;

public class Scores_that_cannot_run_are_refused
{
    private const string Web = "\"name\":\"web\",\"image\":\"docker.io/library/nginx:1.26\"";

    [Theory]
    [InlineData("")]
    [InlineData(",\"ports\":[\"8080:80\",\"127.0.0.1:53:53/udp\",\"[::1]:1:2/tcp\"]")]
    [InlineData(",\"volumes\":[\"cache:/c\",\"/srv:/srv:ro\",\"./a/b.json:/b:ro\",\"./a:/dir\",\"./:/all\"]")]
    [InlineData(",\"memory\":\"256Mi\",\"cpus\":0.5,\"pids\":1")]
    [InlineData(",\"health\":{\"test\":[\"true\"],\"interval\":\"1m30s\",\"retries\":1}")]
    public void What_devices_can_run_is_taken(string more) => Problems(Score($"{{{Web}{more}}}", "[{\"path\":\"a/b.json\",\"content\":\"x\"}]")).ShouldBeEmpty();

    [Theory]
    [InlineData("{\"name\":\"Web\",\"image\":\"docker.io/a:1\"}", "services[0].name", "`Web`")]
    [InlineData("{\"name\":\"web\",\"image\":\"nginx\"}", "services[0].image", "docker.io/library/nginx")]
    [InlineData("{\"name\":\"web\",\"image\":\"bitnami/nginx:1\"}", "services[0].image", "docker.io/bitnami/nginx:1")]
    [InlineData("{\"name\":\"web\",\"image\":\"docker.io/Nginx\"}", "services[0].image", "lower case")]
    [InlineData("{\"name\":\"web\",\"image\":\"docker.io/a@sha256:12\"}", "services[0].image", "digest")]
    [InlineData("{" + Web + ",\"ports\":[\"80\"]}", "services[0].ports[0]", "hostPort:containerPort")]
    [InlineData("{" + Web + ",\"ports\":[\"0:80\"]}", "services[0].ports[0]", "`0:80`")]
    [InlineData("{" + Web + ",\"ports\":[\"1:99999\"]}", "services[0].ports[0]", "`1:99999`")]
    [InlineData("{" + Web + ",\"ports\":[\"x:1:1\"]}", "services[0].ports[0]", "`x:1:1`")]
    [InlineData("{" + Web + ",\"ports\":[\"1:1/sctp\"]}", "services[0].ports[0]", "`1:1/sctp`")]
    [InlineData("{" + Web + ",\"ports\":[\"1:1\"],\"network\":\"host\"}", "services[0].ports", "`host`")]
    [InlineData("{" + Web + ",\"volumes\":[\"/a/../b:/c\"]}", "services[0].volumes[0]", "name-or-path")]
    [InlineData("{" + Web + ",\"volumes\":[\"../x:/c\"]}", "services[0].volumes[0]", "name-or-path")]
    [InlineData("{" + Web + ",\"volumes\":[\"./../x:/c\"]}", "services[0].volumes[0]", "name-or-path")]
    [InlineData("{" + Web + ",\"volumes\":[\"./nope:/c\"]}", "services[0].volumes[0]", "none of the score's files")]
    [InlineData("{" + Web + ",\"env\":{\"1A\":\"\"}}", "services[0].env", "`1A`")]
    [InlineData("{" + Web + ",\"memory\":\"256m\"}", "services[0].memory", "256Mi")]
    [InlineData("{" + Web + ",\"cpus\":0}", "services[0].cpus", "more than 0")]
    [InlineData("{" + Web + ",\"pids\":0}", "services[0].pids", "at least 1")]
    [InlineData("{" + Web + ",\"health\":{\"test\":[]}}", "services[0].health.test", "command")]
    [InlineData("{" + Web + ",\"health\":{\"test\":[\"x\"],\"interval\":\"soon\"}}", "services[0].health.interval", "`soon`")]
    [InlineData("{" + Web + "},{" + Web + "}", "services[1].name", "two services")]
    [InlineData("", "services", "0 services")]
    [InlineData("null", "services[0]", "null")]
    public void Rules_are_told_with_their_place(string services, string path, string message)
    {
        var problem = Problems(Score(services)).ShouldHaveSingleItem();

        problem.Fault.ShouldBe(ContractFault.InvalidScore);
        problem.Path.ShouldBe($"PodmanV0.{path}");
        problem.Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("[{\"path\":\"/etc/passwd\",\"content\":\"\"}]", "no path below")]
    [InlineData("[{\"path\":\"a/../../b\",\"content\":\"\"}]", "no path below")]
    [InlineData("[{\"path\":\"a\",\"content\":\"\"},{\"path\":\"a\",\"content\":\"\"}]", "two files")]
    [InlineData("[{\"path\":\"a\",\"content\":\"\"},{\"path\":\"a/b\",\"content\":\"\"}]", "a file and a folder")]
    [InlineData("[{\"path\":\"a\",\"content\":\"\",\"mode\":\"4755\"}]", "octal")]
    [InlineData("[null]", "path and content")]
    public void Files_stay_in_their_folder(string files, string message) => Problems(Score($"{{{Web}}}", files)).ShouldHaveSingleItem().Message.ShouldContain(message);

    [Fact]
    public void Files_have_at_most_48_KiB_together()
    {
        var half = new string('x', 24 * 1024);

        Problems(Score($"{{{Web}}}", $$"""[{"path":"a","content":"{{half}}"},{"path":"b","content":"{{half}}"}]""")).ShouldBeEmpty();
        Problems(Score($"{{{Web}}}", $$"""[{"path":"a","content":"{{half}}"},{"path":"b","content":"{{half}}x"}]""")).ShouldHaveSingleItem().Message.ShouldContain("at most 49152");
    }

    [Fact]
    public void A_score_that_fits_into_no_value_is_told()
    {
        // The bound of the reader is that of the value, so only what is built in place can be too large.
        var score = new ReconcileScore { PodmanV0 = new() { Services = [new() { Name = "web", Image = "docker.io/a:1", Command = [.. Enumerable.Repeat(new string('x', 2000), 40)] }] } };

        score.FindProblems().ShouldHaveSingleItem().Fault.ShouldBe(ContractFault.ScoreTooLarge);
    }

    [Fact]
    public void A_variant_of_a_newer_version_is_unknown_and_not_lost()
    {
        var score = ReconcileScore.Parse("""{"OkdApplyV0":{"x":1}}"""u8).Value;

        score.FindProblems().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            problem => problem.Fault.ShouldBe(ContractFault.UnknownScore),
            problem => problem.Message.ShouldContain("PodmanV0"));
        Encoding.UTF8.GetString(score.ToCanonicalBytes()).ShouldBe("""{"OkdApplyV0":{"x":1}}""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"PodmanV0\":{\"services\":[]},\"OkdApplyV0\":{}}")]
    [InlineData("{\"A\":{},\"B\":{}}")]
    public void A_score_has_exactly_one_variant(string json) =>
        ReconcileScore.Parse(Encoding.UTF8.GetBytes(json)).Value.FindProblems().ShouldHaveSingleItem().Message.ShouldContain("variant");

    [Theory]
    [InlineData("{\"PodmanV0\":{}}")]
    [InlineData("{\"PodmanV0\":{\"services\":[{\"name\":\"a\"}]}}")]
    [InlineData("{\"PodmanV0\":{\"services\":[{\"name\":\"a\",\"image\":\"i\",\"restart\":\"sometimes\"}]}}")]
    [InlineData("7")]
    public void What_has_not_the_shape_of_a_score_is_no_score(string json) =>
        ReconcileScore.Parse(Encoding.UTF8.GetBytes(json)).Error.ShouldNotBeNull().Fault.ShouldBe(ContractFault.InvalidScore);

    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("500ms", 500)]
    [InlineData("0", 0)]
    public void Durations_are_read(string text, int milliseconds)
    {
        GoDuration.TryParse(text, out var duration).ShouldBeTrue();
        duration.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-1s")]
    [InlineData("25h")]
    [InlineData("1s ")]
    [InlineData("1..5s")]
    public void What_is_no_duration_is_not_read(string text) => GoDuration.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("1024", 1024)]
    [InlineData("256Mi", 268_435_456)]
    [InlineData("1k", 1000)]
    [InlineData("2Gi", 2_147_483_648)]
    public void Amounts_of_memory_are_read(string text, long bytes)
    {
        ByteQuantity.TryParse(text, out var read).ShouldBeTrue();
        read.ShouldBe(bytes);
    }

    private static ReconcileScore Score(string services, string files = "[]") =>
        ReconcileScore.Parse(Encoding.UTF8.GetBytes($$$"""{"PodmanV0":{"services":[{{{services}}}],"files":{{{files}}}}}""")).Value;

    private static IReadOnlyList<ContractError> Problems(ReconcileScore score) => score.FindProblems();
}
