using System.Reflection;
using System.Reflection.Emit;

namespace Gtc.Wasm;

/// <summary>
/// The metadata tokens of what emitted code refers to, each asked for once per module: asking is much slower than writing the instruction. An instruction written with a
/// bare token makes the generator's count of the stack too high, never too low, which does no harm.
/// </summary>
internal sealed class Tokens(ModuleBuilder module, WasmModule guest)
{
    private readonly Dictionary<MemberInfo, int> _members = new(ReferenceEqualityComparer.Instance);
    private readonly int[] _signatures = new int[guest.Types.Length];
    private readonly int[] _functions = new int[guest.Code.Length];

    public void Call(ILGenerator il, MethodInfo method) => il.Emit(OpCodes.Call, Of(method));

    public void Call(ILGenerator il, MethodBuilder method, int own)
    {
        if (_functions[own] == 0)
        {
            _functions[own] = module.GetMethodMetadataToken(method);
        }

        il.Emit(OpCodes.Call, _functions[own]);
    }

    public void Field(ILGenerator il, OpCode opcode, FieldInfo field) => il.Emit(opcode, Of(field));

    public void Type(ILGenerator il, OpCode opcode, Type type) => il.Emit(opcode, Of(type));

    /// <summary>Calls a code pointer that is on the stack above the arguments and the target.</summary>
    public void CallPointer(ILGenerator il, int type)
    {
        if (_signatures[type] == 0)
        {
            var signature = SignatureHelper.GetMethodSigHelper(module, CallingConventions.Standard, ClrTypes.ResultOf(guest.Types[type]));
            signature.AddArguments(ClrTypes.ParametersOf(guest.Types[type], typeof(object)), null, null);
            _signatures[type] = module.GetSignatureMetadataToken(signature);
        }

        il.Emit(OpCodes.Calli, _signatures[type]);
    }

    private int Of(MemberInfo member)
    {
        if (!_members.TryGetValue(member, out var token))
        {
            _members[member] = token = member switch
            {
                MethodInfo method => module.GetMethodMetadataToken(method),
                FieldInfo field => module.GetFieldMetadataToken(field),
                _ => module.GetTypeMetadataToken((Type)member),
            };
        }

        return token;
    }
}
