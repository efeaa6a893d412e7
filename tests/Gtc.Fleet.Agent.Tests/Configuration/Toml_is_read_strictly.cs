using Gtc.Fleet.Agent.Configuration;

namespace Gtc.Fleet.Agent.Tests.Configuration;

public sealed class Toml_is_read_strictly
{
    [Fact]
    public void Tables_lists_texts_numbers_and_switches_are_read()
    {
        var document = TomlReader.Read("# a comment\r\n[agent]  # another\nname = \"a \\\"b\\\" \\u00e9\\n\"\nplain = 'C:\\path'\nn = -1_000\non = true\noff=false\n\n[[registries]]\nhost = \"a\"\nmirrors = [\n  \"x\", # one\n  'y',\n]\n[[registries]]\nhost = \"b\"\n[labels]\n\"quoted key\" = \"v\"");

        var agent = document.Tables["agent"].Values;
        agent["name"].ShouldBeOfType<TomlText>().Text.ShouldBe("a \"b\" é\n");
        agent["plain"].ShouldBeOfType<TomlText>().Text.ShouldBe("C:\\path");
        agent["n"].ShouldBeOfType<TomlNumber>().Number.ShouldBe(-1000);
        agent["on"].ShouldBeOfType<TomlSwitch>().IsOn.ShouldBeTrue();
        agent["off"].ShouldBeOfType<TomlSwitch>().IsOn.ShouldBeFalse();
        document.Lists["registries"].Count.ShouldBe(2);
        document.Lists["registries"][0].Values["mirrors"].ShouldBeOfType<TomlTexts>().Texts.ShouldBe(["x", "y"]);
        document.Lists["registries"][1].Values["host"].Line.ShouldBe(16);
        document.Tables["labels"].Values.Keys.ShouldBe(["quoted key"]);
    }

    [Theory]
    [InlineData("a = 1", 1, "before the first")]
    [InlineData("[a]\n[a]", 2, "twice")]
    [InlineData("[a]\n[[a]]", 2, "")]
    [InlineData("[[a]]\n[a]", 2, "twice")]
    [InlineData("[a]\nx = 1\nx = 2", 3, "twice")]
    [InlineData("[a]\nx = \"open", 2, "not closed")]
    [InlineData("[a]\nx = \"\"\"long\"\"\"", 2, "several lines")]
    [InlineData("[a]\nx = yes", 2, "a value was expected")]
    [InlineData("[a]\nx = truth", 2, "`truth`")]
    [InlineData("[a]\nx = 1.5", 2, "no whole number")]
    [InlineData("[a]\nx = 99999999999999999999", 2, "no whole number")]
    [InlineData("[a]\nx = {y = 1}", 2, "inline tables")]
    [InlineData("[a]\nx.y = 1", 2, "dots")]
    [InlineData("[a]\nx = [1]", 2, "texts in quotes")]
    [InlineData("[a]\nx = [\"1\" \"2\"]", 2, "`,` or `]`")]
    [InlineData("[a]\nx = \"1\" y", 2, "end of the line")]
    [InlineData("[a]\nx = \"\\q\"", 2, "no escape")]
    [InlineData("[a]\nx = \"\\ud800\"", 2, "hexadecimal")]
    [InlineData("[a\nx = 1", 1, "`]`")]
    [InlineData("[]", 1, "a key was expected")]
    [InlineData("[a]\n= 1", 2, "a key was expected")]
    [InlineData("[a]\nx", 2, "`=`")]
    [InlineData("[a]\nx =", 2, "a value was expected")]
    public void Everything_else_is_refused_with_its_line(string text, int line, string message)
    {
        var error = Should.Throw<TomlException>(() => TomlReader.Read(text));
        error.Line.ShouldBe(line);
        error.Message.ShouldContain(message);
    }

    [Fact]
    public void No_text_whatsoever_does_anything_but_parse_or_be_refused()
    {
        var pieces = "[]=\"'#\\\n\r\t ,{}.ax1-_tfu\0".ToCharArray();
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new string(random.GetItems(pieces, random.Next(24)));
            try
            {
                TomlReader.Read(text);
            }
            catch (TomlException)
            {
                // Refused.
            }
        }
    }
}
