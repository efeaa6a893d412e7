using Gtc.Model;

namespace Gtc.EnvPacks.Tests.Answers;

public sealed class Answers_lie_inside_the_environment : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gtc-answers-").FullName;
    private readonly string _folder;

    public Answers_lie_inside_the_environment()
    {
        _folder = Path.Combine(_root, "env");
        Directory.CreateDirectory(Path.Combine(_folder, "env-packs"));
        File.WriteAllText(Path.Combine(_root, "x.json"), "{}");
        File.WriteAllText(Path.Combine(_folder, "env-packs", "ok.json"), """{"namespace":"blue"}""");
    }

    [Theory, Trait("fact", "env-packs:12.11")]
    [InlineData("../x.json")]
    [InlineData("env-packs/../../x.json")]
    [InlineData("/etc/hostname")]
    [InlineData("")]
    public void A_path_that_leads_out_is_a_conflict(string reference) => Refused(reference).ShouldContain("escapes env directory");

    [Fact, Trait("fact", "env-packs:12.11")]
    public void A_link_that_leads_out_is_a_conflict_wherever_it_stands()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "env-packs", "out.json"), Path.Combine(_root, "x.json"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "folder"), _root);
        Refused("env-packs/out.json").ShouldContain("escapes");
        Refused("folder/x.json").ShouldContain("escapes");
    }

    [Fact]
    public void A_link_that_stays_inside_is_followed_also_when_the_environment_itself_is_reached_by_one()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "in.json"), Path.Combine(_folder, "env-packs", "ok.json"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "alias"), _folder);
        BoundAnswers.Resolve(Path.Combine(_root, "alias"), "in.json").Value.GetProperty("namespace").GetString().ShouldBe("blue");
    }

    [Fact, Trait("fact", "env-packs:12.11")]
    public void A_missing_file_and_broken_json_are_conflicts_that_differ()
    {
        File.WriteAllText(Path.Combine(_folder, "broken.json"), "{");
        Refused("env-packs/answers.json").ShouldContain("not there");
        Refused("broken.json").ShouldContain("no JSON");
        File.WriteAllBytes(Path.Combine(_folder, "latin.json"), [(byte)'"', 0xff, (byte)'"']);
        Refused("latin.json").ShouldContain("no JSON");
    }

    [Fact]
    public void A_file_beyond_the_bound_is_not_read()
    {
        File.WriteAllText(Path.Combine(_folder, "big.json"), new string(' ', BoundAnswers.MaxBytes + 1));
        Refused("big.json").ShouldContain("the most is");
    }

    [Fact]
    public void Answers_of_another_kind_are_not_looked_at()
    {
        var k8s = BuiltInPacks.All.Single(handler => handler.DescriptorPath == "greentic.deployer.k8s");
        BoundAnswers.Load(_folder, k8s.DescriptorPath, "env-packs/ok.json", k8s).Value.Get("namespace").ShouldBe("blue");
        BoundAnswers.Load(_folder, LocalProcessPack.Path, "env-packs/ok.json", k8s).Value.Set.ShouldBeEmpty();
        BoundAnswers.Load(_folder, k8s.DescriptorPath, null, k8s).Value.Get("router_replicas").ShouldBe("2");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Refused(string reference) => BoundAnswers.Resolve(_folder, reference).Refusal.ShouldBeOfType<Refusal.Conflict>().Message;
}
