using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Hands out a backup as an artifact. It takes the environment elsewhere, so it needs the right to change and is on record like a change.</summary>
internal static class BackupExport
{
    /// <summary>Answers it.</summary>
    public static async Task<Reply> AnswerAsync(ReadCall call)
    {
        var stop = call.Request.HttpContext.RequestAborted;
        if (!BackupRoutes.IdOf((string)call.Request.RouteValues["backup_id"]!).TryGet(out var id, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (!(await KeptBackups.ListAsync(call.Storage, call.Environment, stop)).TryGet(out var backups, out refusal))
        {
            return ReadRoutes.Refuse(call.Environment, refusal);
        }

        if (!KeptBackups.Find(backups, id).TryGet(out var manifest, out refusal)
            || !(await KeptBackups.ReadWholeAsync(call.Storage, call.Environment, manifest, stop)).TryGet(out var image, out refusal)
            || !call.OperatorKey.LoadOrGenerate().TryGet(out var key, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        using (key)
        {
            var reply = Reply.Json(200, writer => BackupArtifact.Write(writer, image, id, manifest.CreatedAt, key.Key));
            return (await RecordAsync(call, manifest)).TryGet(out _, out refusal) ? reply : Reply.Of(Problem.Of(refusal));
        }
    }

    /// <summary>Nothing is handed out that is not on record.</summary>
    private static Task<Outcome<CommittedChange>> RecordAsync(ReadCall call, BackupManifest manifest)
    {
        var target = Wire.Target(call.Environment, ("backup_id", manifest.BackupId));
        target["generation"] = manifest.Generation;
        var request = new ChangeRequest
        {
            Environment = call.Environment,
            Noun = "backup",
            Verb = "export",
            Target = target,
            Actor = call.Caller.Actor,
            Authorization = call.Caller.Allow(call.Environment, "backup", "export"),
        };
        return call.Storage.CommitAsync(request, _ => new Change(new ChangeAnswer(null, DocumentPlace.None, null)), call.Request.HttpContext.RequestAborted);
    }
}
