using System.Text;

namespace Gtc.Fleet.Contracts.Tests.Scores;

public class Scores_have_one_form
{
    private const string Full =
        """{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:1.26","ports":["8080:80"],"env":{"A":"1","Z":"grün ☃ 😀"},"command":["a\"b","c\\d","e\n\u0001"],"entrypoint":["/bin/x"],"volumes":["./app.json:/etc/app.json:ro"],"restart":"no","pull":"Always","network":"host","memory":"256Mi","cpus":0.5,"pids":100,"health":{"test":["true"],"interval":"30s","timeout":"5s","retries":3,"start":"1m"}}],"files":[{"path":"app.json","mode":"0600","content":"{}"}]}}""";

    [Fact]
    public void The_least_score_is_pinned() =>
        Text(Score(new() { Name = "web", Image = "docker.io/library/nginx:1.26", Ports = ["8080:80"] })).ShouldBe(
            """{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:1.26","ports":["8080:80"]}]}}""");

    [Fact]
    public void A_score_with_everything_is_pinned() => Text(ReconcileScore.Parse(Encoding.UTF8.GetBytes(Full)).Value).ShouldBe(Full);

    [Fact]
    public void Order_white_space_and_defaults_make_no_difference()
    {
        var written = """
            { "PodmanV0": { "services": [ { "restart": "always", "pull": "IfNotPresent", "network": "bridge", "env": {}, "volumes": [], "cpus": 2.0,
              "image": "docker.io/library/ng\u0069nx:1.26", "name": "web" } ], "files": [ { "content": "x", "path": "p", "mode": "0644" } ] } }
            """;

        Text(ReconcileScore.Parse(Encoding.UTF8.GetBytes(written)).Value).ShouldBe(
            """{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:1.26","cpus":2}],"files":[{"path":"p","content":"x"}]}}""");
    }

    [Fact]
    public void Members_of_a_newer_version_are_kept_in_one_order()
    {
        var newer = """{"PodmanV0":{"services":[{"gpu":{"b":1.50,"a":[null,true,1e3]},"name":"web","image":"docker.io/library/nginx:1.26"}],"zone":"x","area":2}}""";

        Text(ReconcileScore.Parse(Encoding.UTF8.GetBytes(newer)).Value).ShouldBe(
            """{"PodmanV0":{"services":[{"name":"web","image":"docker.io/library/nginx:1.26","gpu":{"a":[null,true,1000],"b":1.5}}],"area":2,"zone":"x"}}""");
    }

    [Fact]
    public void The_canonical_form_of_the_canonical_form_is_itself()
    {
        var bytes = ReconcileScore.Parse(Encoding.UTF8.GetBytes(Full)).Value.ToCanonicalBytes();

        ReconcileScore.Parse(bytes).Value.ToCanonicalBytes().ShouldBe(bytes);
    }

    [Fact]
    public void The_hash_is_that_of_the_bytes()
    {
        var score = Score(new() { Name = "web", Image = "docker.io/library/nginx:1.26", Ports = ["8080:80"] });

        score.ComputeHash().ShouldBe(ScoreHash.Of(score.ToCanonicalBytes()));
        score.ComputeHash().ShouldBe("sha256:1084c334f7bcf734e53894d1454643786897c8d3d5db304da8ab3e018ee13aa5");
        ScoreHash.IsValid(score.ComputeHash()).ShouldBeTrue();
        ScoreHash.IsValid("sha256:" + new string('A', 64)).ShouldBeFalse();
    }

    private static ReconcileScore Score(PodmanService service) => new() { PodmanV0 = new() { Services = [service] } };

    private static string Text(ReconcileScore score) => Encoding.UTF8.GetString(score.ToCanonicalBytes());
}
