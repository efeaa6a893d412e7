using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Model;

namespace Gtc.Cli.StageFiles;

/// <summary><c>gtc stage-file</c>: what the init containers of pods do, so that no second image is needed.</summary>
internal static class StageFileCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Copy one mounted file to where it can be written beside; pods begin with it";

    private const long MaxBytes = 8L * 1024 * 1024;

    private static readonly Option<string> From = new("--from") { Description = "The file", HelpName = "FILE", Required = true };
    private static readonly Option<string> To = new("--to") { Description = "The copy; its folder is made, mode 0600", HelpName = "FILE", Required = true };
    private static readonly Option<bool> Link = new("--link") { Description = "Make a link to the file instead of a copy, so that what changes there changes here" };
    private static readonly Option<bool> Optional = new("--optional") { Description = "A file that is not there is no failure" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new DescribedCommand("stage-file", Purpose)
        {
            Examples = ["stage-file --from /etc/greentic/env-store/environment.json --to /var/greentic/.greentic/environments/local/environment.json"],
        };
        command.Add(From);
        command.Add(To);
        command.Add(Link);
        command.Add(Optional);
        command.SetAction(parsed =>
        {
            var refusal = Stage(context.PathOf(parsed.GetValue(From)!), context.PathOf(parsed.GetValue(To)!), parsed.GetValue(Link), parsed.GetValue(Optional));
            if (refusal is null)
            {
                return ExitCodes.Ok;
            }

            ErrorText.Write(refusal, context);
            return ExitCodes.Refused;
        });
        return command;
    }

    /// <summary>Copies a file, or makes a link to it.</summary>
    /// <returns>Why it could not be done, or null.</returns>
    public static Refusal.FileFailed? Stage(string from, string to, bool isLink, bool isOptional)
    {
        try
        {
            var source = new FileInfo(from);
            if (!source.Exists)
            {
                return isOptional ? null : new Refusal.FileFailed($"{from} is not there");
            }

            // A mounted file is a link, so its length is asked for where it leads.
            var bytes = File.ReadAllBytes(from);
            if (bytes.LongLength > MaxBytes)
            {
                return new Refusal.FileFailed($"{from} has more than {MaxBytes:N0} bytes");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(to)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var beside = $"{to}.new";
            if (isLink)
            {
                File.Delete(beside);
                File.CreateSymbolicLink(beside, from);
            }
            else
            {
                using var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                file.Write(bytes);
            }

            File.Move(beside, to, overwrite: true);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed(error.Message.TrimEnd('.'));
        }
    }
}
