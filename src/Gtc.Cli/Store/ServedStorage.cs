using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Store;

/// <summary>Where a store server keeps environments: a folder, or a database.</summary>
/// <param name="Storage">The engine.</param>
/// <param name="Place">Where, without a password.</param>
internal sealed record ServedStorage(IEnvironmentStorage Storage, string Place)
{
    /// <summary>The variable that names the database; its value may hold a password.</summary>
    public const string Variable = "GREENTIC_STORE_DATABASE";

    private const int MaxFileBytes = 64 << 10;

    /// <summary>Opens what the payload names, for one server.</summary>
    public static Task<Outcome<ServedStorage>> OpenAsync(ServePayload payload, CliContext context, RandomSource random, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(payload, context, random, logger, isBeside: false, cancellationToken);

    /// <summary>Opens what the payload names.</summary>
    /// <param name="payload">Names a folder or a database.</param>
    /// <param name="context">The world outside.</param>
    /// <param name="random">Makes ids.</param>
    /// <param name="logger">Told what a person should know.</param>
    /// <param name="isBeside">Whether a server may have the folder at the same time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Outcome<ServedStorage>> OpenAsync(ServePayload payload, CliContext context, RandomSource random, ILogger logger, bool isBeside, CancellationToken cancellationToken)
    {
        if (payload is { Data: not null, Database: not null } or { Data: not null, DatabaseFile: not null } or { Database: not null, DatabaseFile: not null })
        {
            return new Refusal.InvalidArgument("--data, --database and --database-file name different places: give one of them");
        }

        if (!Database(payload, context).TryGet(out var target, out var refusal))
        {
            return refusal;
        }

        if (target is not null)
        {
            return (await PostgresStorage.OpenAsync(target, context.Time, random, logger, cancellationToken)).Then<ServedStorage>(storage => new ServedStorage(storage, target.ToString()));
        }

        void Warned(StoreWarning warning) => StoreLog.Warned(logger, warning.Environment.ToString(), warning.Message);
        return Folder(payload, context).Then(folder => (isBeside ? (Outcome<FileEnvironmentStorage>)FileEnvironmentStorage.OpenBeside(folder, context.Time, random, Warned) : FileEnvironmentStorage.Open(folder, context.Time, random, Warned))
            .Then<ServedStorage>(storage => new ServedStorage(storage, folder)));
    }

    private static Outcome<PostgresTarget?> Database(ServePayload payload, CliContext context)
    {
        if (payload.Database is { } given)
        {
            return PostgresTarget.Parse(given).Then<PostgresTarget?>(target => target.HasPassword
                ? new Refusal.InvalidArgument("--database must hold no password: whoever lists processes would read it. Put the URL into a file of mode 0600, or the password where PGPASSFILE points to")
                {
                    Next = "gtc store serve --database-file store.url",
                }
                : target);
        }

        if (payload.DatabaseFile is { } named)
        {
            return Read(context.PathOf(named)).Then(PostgresTarget.Parse).Then<PostgresTarget?>(target => target);
        }

        return payload.Data is null && context.Variable(Variable) is { Length: > 0 } variable
            ? PostgresTarget.Parse(variable).Then<PostgresTarget?>(target => target)
            : (PostgresTarget?)null;
    }

    private static Outcome<string> Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            {
                return new Refusal.InvalidArgument($"{path} may hold a password, and others than its owner may use it") { Next = $"chmod 600 {path}" };
            }

            using var reader = new StreamReader(file);
            return file.Length > MaxFileBytes ? new Refusal.InvalidArgument($"{path} has more than {MaxFileBytes:N0} bytes") : reader.ReadToEnd().Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    private static Outcome<string> Folder(ServePayload payload, CliContext context) => payload.Data is { } given ? context.PathOf(given)
        : context.Variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".greentic", "store")
        : new Refusal.InvalidArgument("there is no place for environments: neither --data nor --database nor HOME is given") { Next = "gtc store serve --data /var/lib/gtc-store" };
}
