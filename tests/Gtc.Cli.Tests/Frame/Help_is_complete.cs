using System.CommandLine;

namespace Gtc.Cli.Tests.Frame;

public class Help_is_complete
{
    private static readonly char[] Blank = [' '];

    [Fact]
    public async Task Every_command_has_a_purpose_and_examples_that_parse()
    {
        using var cli = new TestCli();
        var context = cli.Context(TextWriter.Null, TextWriter.Null);
        var leaves = Leaves(new CommandTree(context).Root).ToList();
        leaves.ShouldNotBeEmpty();
        foreach (var leaf in leaves)
        {
            var path = UsageErrors.PathOf(leaf)["gtc ".Length..];
            leaf.Description.ShouldNotBeNullOrWhiteSpace(path);
            leaf.Description!.EndsWith('.').ShouldBeFalse(path);
            var page = await cli.RunAsync($"{path} --help");
            page.Exit.ShouldBe(0, path);
            page.Stdout.ShouldStartWith($"{leaf.Description}.\n", Case.Sensitive, path);
            page.Stdout.ShouldContain("\nExamples\n", Case.Sensitive, path);
            var described = leaf.ShouldBeOfType<DescribedCommand>(path);
            described.Examples.ShouldNotBeEmpty(path);
            foreach (var example in described.Examples)
            {
                var words = example.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
                var parsed = new CommandTree(context with { Arguments = words }).Parse(words);
                UsageErrors.Find(parsed).ShouldBeNull(example);
                UsageErrors.PathOf(parsed.CommandResult.Command).ShouldBe($"gtc {path}", example);
            }
        }
    }

    [Fact]
    public async Task A_page_looks_like_this()
    {
        using var cli = new TestCli { Groups = FakeOp.Groups, Width = 72 };
        (await cli.RunAsync("op thing make -h")).Stdout.ShouldBe("""
            Make a thing.

            Usage
              gtc op thing make [ENV] [key=value …] [flags]

            Flags
              --env ENV    the environment; GREENTIC_ENV or `local` when not given
              --name NAME  what it is called
              --size N     how big it is
              --loud       whether it is loud
              --tag TAG    labels; repeatable

            Flags of every command here
              --store-root DIR         where environments live; GREENTIC_STORE_ROOT
                                       or ~/.greentic/environments when not given
              --store-url URL          work on a store server instead;
                                       GREENTIC_STORE_URL or the current context
                                       when not given
              --store-token-file FILE  the bearer token for it, in a file that only
                                       you can read; a token never stands on a
                                       command line
              --context NAME           the store of a context (gtc context list);
                                       `local` for files
              --expect-generation N    refuse to change the environment unless it is
                                       of this generation
              --if-match ETAG          on a store server: refuse to change the
                                       environment unless it has this entity tag
              --answers FILE|-         the verb's input as a JSON or YAML file, or -
                                       for standard input; excludes words and flags
                                       of the verb
              --schema                 print the JSON Schema of the verb's input and
                                       do nothing
              --format json|table      how results are printed; a table at a
                                       terminal, JSON lines in a pipe when not given
              -h, --help               Show this page

            Examples
              gtc op thing make name=x size=1

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Without_words_the_groups_are_listed()
    {
        using var cli = new TestCli();
        var run = await cli.RunAsync("");
        run.Exit.ShouldBe(0);
        foreach (var group in CommandTree.Groups)
        {
            run.Stdout.ShouldContain($"  {group.Name} ");
            run.Stdout.ShouldContain(group.Purpose());
        }
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
