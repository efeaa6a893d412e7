using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>Reading what lies beside a document and holds no secret.</summary>
internal static class FileRoutes
{
    /// <summary>The routes.</summary>
    public static IReadOnlyList<ReadRoute> All { get; } =
    [
        new ReadRoute
        {
            Method = "GET",
            Path = "/environments/{env_id}/files",
            Noun = "env",
            Verb = "file",
            Summary = "A file that lies beside the document and holds no secret: answers, what is known of credentials, rules, signed policies, where updates come from",
            Answer = AnswerAsync,
            Query = [("name", "its path relative to the environment's folder, e.g. credentials.json")],
        },
    ];

    private static async Task<Reply> AnswerAsync(ReadCall call)
    {
        if (!call.Text("name").TryGet(out var text, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (!SideName.TryParse(text, out var name) || !OpenSides.Contains(name))
        {
            return Reply.Of(Problem.Of(new Refusal.InvalidArgument("query parameter name must be the path of a file that holds no secret, e.g. credentials.json")));
        }

        return (await call.Storage.ReadSideAsync(call.Environment, name, call.Request.HttpContext.RequestAborted)).Match(
            side => ReadRoutes.WithEtag(call, side?.Etag ?? SideDocument.EtagOf([]), writer =>
            {
                writer.WriteString("environment_id", call.Environment.ToString());
                writer.WriteString("name", name.ToString());
                if (side is null)
                {
                    writer.WriteNull("content");
                }
                else
                {
                    writer.WriteBase64String("content", side.Bytes.Span);
                }
            }),
            refused => ReadRoutes.Refuse(call.Environment, refused));
    }
}
