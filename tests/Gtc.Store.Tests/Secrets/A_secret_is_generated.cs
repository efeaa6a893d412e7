using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Gtc.Model;

namespace Gtc.Store.Tests.Secrets;

public sealed class A_secret_is_generated
{
    [Theory]
    [InlineData("alphanumeric", "^[0-9A-Za-z]{40}$", 62)]
    [InlineData("base64url", "^[0-9A-Za-z_-]{40}$", 64)]
    [InlineData("hex", "^[0-9a-f]{40}$", 16)]
    [InlineData("digits", "^[0-9]{40}$", 10)]
    public void Its_characters_are_of_the_alphabet_and_all_of_it_is_used(string alphabet, string pattern, int characters)
    {
        var seen = new HashSet<char>();
        for (var i = 0; i < 200; i++)
        {
            using var value = SecretGenerator.Generate(40, alphabet, RandomNumberGenerator.Fill).Value;
            Regex.IsMatch(value.Reveal(), pattern).ShouldBeTrue();
            seen.UnionWith(value.Reveal());
        }

        seen.Count.ShouldBe(characters);
    }

    [Fact]
    public void No_character_is_favoured()
    {
        // 250 to 255 are drawn again: with them `0` to `5` would come up more often.
        byte next = 0;
        using var value = SecretGenerator.Generate(500, "digits", bytes =>
        {
            foreach (ref var number in bytes)
            {
                number = next++;
            }
        }).Value;

        value.Reveal().GroupBy(digit => digit).Select(group => group.Count()).ShouldAllBe(count => count == 50);
    }

    [Theory]
    [InlineData(7u, "hex")]
    [InlineData(4097u, "hex")]
    [InlineData(32u, "klingon")]
    public void What_cannot_be_made_is_refused(uint length, string alphabet) =>
        SecretGenerator.Generate(length, alphabet, RandomNumberGenerator.Fill).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
}
