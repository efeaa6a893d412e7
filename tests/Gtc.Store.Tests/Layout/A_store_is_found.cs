using Gtc.Model;

namespace Gtc.Store.Tests;

public sealed class A_store_is_found
{
    [Theory]
    [InlineData("/opt/store", "/var/store", "/home/a", "/opt/store")]
    [InlineData(null, "/var/store", "/home/a", "/var/store")]
    [InlineData("", "", "/home/a", "/home/a/.greentic/environments")]
    public void The_option_beats_the_variable_and_that_the_home(string? option, string? variable, string? home, string expected) =>
        StoreLayout.Find(option, name => name == "HOME" ? home : variable).Value.Root.ShouldBe(expected);

    [Fact]
    public void Without_any_of_them_there_is_no_place() =>
        StoreLayout.Find(null, _ => null).Refusal.ShouldBeOfType<Refusal.InvalidArgument>().Next.ShouldNotBeNull();

    [Fact]
    public void A_reference_out_of_a_document_stays_in_the_folder()
    {
        var layout = new StoreLayout("/root").Environment(EnvId.Local);
        layout.Resolve("env-packs/deployer/answers.json").ShouldBe("/root/local/env-packs/deployer/answers.json");
        foreach (var reference in new[] { "../prod/environment.json", "/etc/passwd", "a/../b", "a//b", "", "a\\b" })
        {
            Should.Throw<ArgumentException>(() => layout.Resolve(reference), reference);
        }
    }
}
