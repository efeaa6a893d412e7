using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Environments;

/// <summary>A change of an environment's name and host values, as several verbs make it.</summary>
/// <param name="Command">What is to change.</param>
/// <param name="Fields">The names of the members that were given.</param>
internal sealed record HostChange(UpdateEnvironment Command, ImmutableArray<string> Fields)
{
    /// <summary>A change out of members that were typed; an empty text takes the value away, null keeps it.</summary>
    public static HostChange Of(string? name, bool? guiEnabled, params ReadOnlySpan<(string Member, string? Value)> members)
    {
        var fields = ImmutableArray.CreateBuilder<string>();
        var command = new UpdateEnvironment { Name = name };
        if (name is not null)
        {
            fields.Add("name");
        }

        foreach (var (member, value) in members)
        {
            if (value is not null)
            {
                fields.Add(member);
                command = With(command, member, value.Length == 0 ? FieldUpdate.Clear<string>() : FieldUpdate.Set(value));
            }
        }

        if (guiEnabled is { } enabled)
        {
            fields.Add("gui_enabled");
            command = command with { GuiEnabled = FieldUpdate.Set(enabled) };
        }

        return new(command, fields.ToImmutable());
    }

    /// <summary>Makes it; the audit line names the members and never their values.</summary>
    public async Task<Outcome<EnvironmentDocument>> ApplyAsync(OpPlace at, MutationIntent intent, string example, CancellationToken cancellationToken)
    {
        intent.Target["fields"] = new JsonArray([.. Fields.Select(field => (JsonNode)JsonValue.Create(field))]);
        return Fields.IsEmpty
            ? await at.RefuseAsync(intent, new Refusal.InvalidArgument("nothing to change was given") { Next = $"gtc {example}" }, cancellationToken)
            : await at.ChangeAsync(
                new OpChange<EnvironmentDocument>(intent)
                {
                    OnFiles = change => change.Required(at.Environment)
                        .Then(document => EnvironmentVerbs.Update(document, Command))
                        .Then(document => (Outcome<Mutation<EnvironmentDocument>>)new Mutation<EnvironmentDocument>(document) { Document = document }),
                    Ask = found => OpStore.Required(found, at.Environment).Then<WireRequest>(_ => intent.Verb == "set-public-url" && Command.PublicBaseUrl.TryGet(out var url)
                        ? WireRequest.With(HttpMethod.Put, ContractJson.Default.PublicUrlBody, new PublicUrlBody(url!), "public-url")
                        : Asked(Command)),
                    FromWire = answer => answer.Document,
                },
                cancellationToken);
    }

    /// <summary>What a store server is asked for.</summary>
    public static WireRequest Asked(UpdateEnvironment command) => WireRequest.With(HttpMethod.Patch, ContractJson.Default.UpdateEnvironment, command);

    private static UpdateEnvironment With(UpdateEnvironment command, string member, FieldUpdate<string> update) => member switch
    {
        "region" => command with { Region = update },
        "tenant_org_id" => command with { TenantOrgId = update },
        "listen_addr" => command with { ListenAddr = update },
        "public_base_url" => command with { PublicBaseUrl = update },
        _ => throw new ArgumentOutOfRangeException(nameof(member), member, "No host value of this name."),
    };
}
