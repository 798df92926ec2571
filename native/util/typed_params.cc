#include "util/typed_params.h"

#include <string>

namespace ballast {

namespace {

Value ToValue(const virTypedParameter& item) {
  switch (item.type) {
    case VIR_TYPED_PARAM_INT:
      return Number(item.value.i);
    case VIR_TYPED_PARAM_UINT:
      return Number(item.value.ui);
    case VIR_TYPED_PARAM_LLONG:
      return Number(item.value.l);
    case VIR_TYPED_PARAM_ULLONG:
      return Number(item.value.ul);
    case VIR_TYPED_PARAM_DOUBLE:
      return item.value.d;
    case VIR_TYPED_PARAM_BOOLEAN:
      return item.value.b != 0;
    case VIR_TYPED_PARAM_STRING:
      return Text(item.value.s);
    default:
      return nullptr;
  }
}

}  // namespace

int TypedParams::Add(const char* field, int type, Args& item, const char* name) {
  switch (type) {
    case VIR_TYPED_PARAM_INT:
      return virTypedParamsAddInt(&items_, &count_, &capacity_, field, item.Int(name));
    case VIR_TYPED_PARAM_UINT:
      return virTypedParamsAddUInt(&items_, &count_, &capacity_, field, item.Uint(name));
    case VIR_TYPED_PARAM_LLONG:
      return virTypedParamsAddLLong(&items_, &count_, &capacity_, field, item.Long(name));
    case VIR_TYPED_PARAM_ULLONG:
      return virTypedParamsAddULLong(&items_, &count_, &capacity_, field, item.Count(name));
    case VIR_TYPED_PARAM_DOUBLE:
      return virTypedParamsAddDouble(&items_, &count_, &capacity_, field, item.Double(name));
    case VIR_TYPED_PARAM_BOOLEAN:
      return virTypedParamsAddBoolean(&items_, &count_, &capacity_, field, item.Bool(name) ? 1 : 0);
    case VIR_TYPED_PARAM_STRING:
      return virTypedParamsAddString(&items_, &count_, &capacity_, field,
                                     item.String(name).c_str());
    default:
      return -1;
  }
}

TypedParams TypedParams::Read(Args& args, const char* name) {
  TypedParams params;
  for (Args& triple : args.List(name)) {
    const std::string field = triple.String("field");
    const int type = triple.Int("type");
    if (params.Add(field.c_str(), type, triple, field.c_str()) < 0) {
      throw Napi::RangeError::New(
          args.Env(), std::string(name) + " has a field " + field + " that libvirt cannot hold");
    }
  }
  return params;
}

Record ToRecord(const virTypedParameter* items, int count) {
  Record record;
  record.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    record.emplace_back(std::string(items[i].field), ToValue(items[i]));
  }
  return record;
}

}  // namespace ballast
